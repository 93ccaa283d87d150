// Checks each spelling in tests/data/contacts.json, and properties that hold
// for the numbers of every country.
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "core/contact/contact.h"
#include "core/contact/refusal.h"
#include "gtest/gtest.h"
#include "phonenumbers/phonenumber.pb.h"
#include "phonenumbers/phonenumberutil.h"
#include "tests/support/json.h"

namespace portrait {
namespace {

using ::i18n::phonenumbers::PhoneNumber;
using ::i18n::phonenumbers::PhoneNumberUtil;
using ::portrait::testing::Json;

std::vector<Json> Corpus() {
  return testing::ReadJsonFile(
             absl::StrCat(testing::TestDataDirectory(), "/contacts.json"))
      .items;
}

// The E.164 form of an example number for each region and type.
std::vector<std::string> Examples() {
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  std::set<std::string> regions;
  util.GetSupportedRegions(&regions);
  std::vector<std::string> numbers;
  for (const std::string& region : regions) {
    for (const auto type :
         {PhoneNumberUtil::MOBILE, PhoneNumberUtil::FIXED_LINE}) {
      PhoneNumber number;
      if (!util.GetExampleNumberForType(region, type, &number)) continue;
      util.Format(number, PhoneNumberUtil::E164, &numbers.emplace_back());
    }
  }
  return numbers;
}

std::string International(const std::string& e164) {
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  PhoneNumber number;
  std::string text;
  EXPECT_EQ(util.Parse(e164, "ZZ", &number), PhoneNumberUtil::NO_PARSING_ERROR);
  util.Format(number, PhoneNumberUtil::INTERNATIONAL, &text);
  return text;
}

std::string Read(const std::string& text) {
  const absl::StatusOr<ContactReading> reading = ReadContact(text);
  return reading.ok() ? reading->contact.phone_number
                      : std::string(RefusalName(RefusalOf(reading.status())));
}

TEST(ContactCorpusTest, EverySpellingIsReadAsAPersonWouldOrRefused) {
  const std::vector<Json> corpus = Corpus();
  ASSERT_GE(corpus.size(), 200u);
  for (const Json& c : corpus) {
    SCOPED_TRACE(c["text"].text.substr(0, 80));
    const absl::StatusOr<ContactReading> reading =
        ReadContact(c["text"].text, c["country"].text);
    if (c.Has("e164")) {
      EXPECT_EQ(reading.ok() ? reading->contact.phone_number : "refused",
                c["e164"].text)
          << reading.status();
    } else if (reading.ok()) {
      ADD_FAILURE() << "is read as " << reading->contact.phone_number;
    } else if (c["refusal"].text != "any") {
      EXPECT_EQ(RefusalName(RefusalOf(reading.status())), c["refusal"].text)
          << reading.status();
    }
  }
}

TEST(ContactCorpusTest, EveryCountrysNumbersAreReadInEveryClaimedSpelling) {
  const std::vector<std::string> examples = Examples();
  ASSERT_GT(examples.size(), 400u);
  for (const std::string& e164 : examples) {
    const std::string spaced = International(e164);
    std::string arabic;
    for (const char c : e164) {
      if (c == '+') {
        arabic += "\uFF0B";
      } else {
        arabic += {'\xD9', static_cast<char>('\xA0' + (c - '0'))};
      }
    }
    for (const std::string& text :
         {e164, spaced, arabic, absl::StrCat("'", e164),
          absl::StrCat("=\"", spaced, "\""),
          absl::StrCat("\u202A", spaced, "\u202C"),
          absl::StrReplaceAll(spaced, {{" ", "\u00A0"}}),
          absl::StrReplaceAll(spaced, {{" ", "\u2011"}, {"-", "\u2013"}}),
          absl::StrCat("Tel. ", spaced), absl::StrCat("whatsapp:", e164),
          absl::StrCat("https://wa.me/", e164.substr(1)),
          absl::StrCat("tel:", e164), absl::StrCat(e164, ","),
          absl::StrCat(e164.substr(1), "@c.us")}) {
      EXPECT_EQ(Read(text), e164) << text;
    }
  }
}

// "+49…" or "0151…" with one digit replaced, or left out.
std::vector<std::string> MutationsOf(const std::string& text) {
  std::vector<std::string> mutations;
  for (size_t i = 0; i < text.size(); ++i) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(text[i]))) continue;
    for (char digit = '0'; digit <= '9'; ++digit) {
      if (digit == text[i]) continue;
      mutations.push_back(text);
      mutations.back()[i] = digit;
    }
    mutations.push_back(text);
    mutations.back().erase(i, 1);
  }
  return mutations;
}

std::string DigitsIn(const std::string& text) {
  std::string digits;
  for (const char c : text) {
    if (absl::ascii_isdigit(static_cast<unsigned char>(c))) digits += c;
  }
  return digits;
}

// Whether `read` has all digits of `written` in the same order, except a trunk
// prefix of at most `max_prefix` digits at `at`.
bool IsAllOf(const std::string& read, const std::string& written, size_t at,
             size_t max_prefix) {
  if (read == written) return true;
  for (size_t size = 1; size <= max_prefix; ++size) {
    std::string shorter = written;
    if (at + size <= shorter.size()) shorter.erase(at, size);
    if (read == shorter) return true;
  }
  return false;
}

bool AreInOrder(const std::string& digits, const std::string& text) {
  size_t at = 0;
  for (const char digit : digits) {
    at = text.find(digit, at);
    if (at == std::string::npos) return false;
    ++at;
  }
  return true;
}

TEST(ContactCorpusTest, AChangedDigitGivesTheNumberWrittenOrNone) {
  constexpr size_t kMostTrunkDigits = 2;
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  int read = 0;
  for (const std::string& e164 : Examples()) {
    PhoneNumber number;
    ASSERT_EQ(util.Parse(e164, "ZZ", &number),
              PhoneNumberUtil::NO_PARSING_ERROR);
    for (const std::string& text : MutationsOf(e164)) {
      const std::string got = Read(text);
      if (got[0] != '+') continue;
      ++read;
      // The changed number may have another country code, of 1 to 3 digits. A
      // trunk prefix after it may be dropped; Hungary's is "06".
      const std::string digits = DigitsIn(text);
      bool is_right = false;
      for (size_t code = 1; code <= 3; ++code) {
        is_right |= IsAllOf(got.substr(1), digits, code, kMostTrunkDigits);
      }
      EXPECT_TRUE(is_right) << text << " is read as " << got;
    }
  }
  EXPECT_GT(read, 10'000);
}

TEST(ContactCorpusTest, AChangedDigitOfANationalNumberGivesThatNumberOrNone) {
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  constexpr size_t kMostTrunkDigits = 3;  // Mexico's "045"
  std::set<std::string> regions;
  util.GetSupportedRegions(&regions);
  int read = 0;
  for (const std::string& region : regions) {
    PhoneNumber number;
    if (!util.GetExampleNumberForType(region, PhoneNumberUtil::MOBILE,
                                      &number)) {
      continue;
    }
    std::string national;
    util.Format(number, PhoneNumberUtil::NATIONAL, &national);
    const std::string code = absl::StrCat(number.country_code());
    for (const std::string& text : MutationsOf(national)) {
      const absl::StatusOr<ContactReading> reading = ReadContact(text, region);
      if (!reading.ok()) continue;
      ++read;
      const std::string got = reading->contact.phone_number.substr(1);
      const std::string digits = DigitsIn(text);
      // If the number is of another country, all of its digits must be written.
      const bool is_national =
          IsAllOf(got, code + digits, code.size(), kMostTrunkDigits);
      const bool is_international = IsAllOf(got, digits, code.size(), 1) ||
                                    IsAllOf(got, digits, 0, kMostTrunkDigits);
      // Argentina's "011 15-2345-6789" is +54 9 11 2345-6789.
      const bool is_argentine = region == "AR" && got.substr(0, 3) == "549" &&
                                AreInOrder(got.substr(3), digits);
      EXPECT_TRUE(is_national || is_international || is_argentine)
          << text << " in " << region << " is read as +" << got;
    }
  }
  EXPECT_GT(read, 5'000);
}

TEST(ContactCorpusTest, NoLetterAndNoMaskStandsForADigit) {
  for (const std::string& e164 : Examples()) {
    for (size_t i = 1; i < e164.size(); ++i) {
      for (const char c : {'X', 'x', '*', 'O', 'l', 'S', 'w', '#', '?', '_'}) {
        std::string changed = e164;
        changed[i] = c;
        EXPECT_NE(Read(changed)[0], '+') << changed;
        std::string longer = e164;
        longer.insert(i, 1, c);
        EXPECT_NE(Read(longer)[0], '+') << longer;
      }
    }
  }
}

}  // namespace
}  // namespace portrait
