#include "core/contact/contact.h"

#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/contact/contact_key.h"
#include "core/contact/number_plan.h"
#include "core/contact/refusal.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "phonenumbers/phonenumber.pb.h"
#include "phonenumbers/phonenumberutil.h"

namespace portrait {
namespace {

using ::i18n::phonenumbers::PhoneNumber;
using ::i18n::phonenumbers::PhoneNumberUtil;
using ::testing::HasSubstr;

// Whether libphonenumber says that "+digits" is a possible number.
bool LibrarySaysPossible(const std::string& digits) {
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  PhoneNumber number;
  return util.Parse("+" + digits, "ZZ", &number) ==
             PhoneNumberUtil::NO_PARSING_ERROR &&
         util.IsPossibleNumber(number);
}

bool LibrarySaysValid(const std::string& digits) {
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  PhoneNumber number;
  std::string e164;
  if (util.Parse("+" + digits, "ZZ", &number) !=
          PhoneNumberUtil::NO_PARSING_ERROR ||
      !util.IsValidNumber(number)) {
    return false;
  }
  util.Format(number, PhoneNumberUtil::E164, &e164);
  return e164 == "+" + digits;
}

std::vector<PhoneNumber> ExampleNumbers() {
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  std::vector<PhoneNumber> numbers;
  std::set<std::string> regions;
  util.GetSupportedRegions(&regions);
  for (const std::string& region : regions) {
    for (const PhoneNumberUtil::PhoneNumberType type :
         {PhoneNumberUtil::FIXED_LINE, PhoneNumberUtil::MOBILE,
          PhoneNumberUtil::TOLL_FREE}) {
      PhoneNumber number;
      if (util.GetExampleNumberForType(region, type, &number)) {
        numbers.push_back(number);
      }
    }
  }
  return numbers;
}

TEST(ContactTest, ReadsOneNumberInAllItsInternationalSpellings) {
  for (const char* text :
       {"+13105551234", "13105551234", "+1 (310) 555-1234", "+1 310 555 1234",
        "+1-310-555-1234", "+1.310.555.1234", "(+1) 310 555-1234",
        "  +13105551234  ", "\t13105551234\r\n", "+1 (310) 555‑1234",
        "＋１３１０５５５１２３４", "+١٣١٠٥٥٥١٢٣٤", "١٣١٠٥٥٥١٢٣٤",
        "+1\u00A0310\u00A0555\u00A01234", "tel:+1-310-555-1234",
        "13105551234@s.whatsapp.net", "13105551234@c.us",
        "13105551234:17@s.whatsapp.net"}) {
    SCOPED_TRACE(text);
    const absl::StatusOr<Contact> contact = ParseContact(text);
    ASSERT_TRUE(contact.ok()) << contact.status();
    EXPECT_EQ(contact->jid.ToString(), "13105551234@s.whatsapp.net");
    EXPECT_EQ(contact->phone_number, "+13105551234");
    EXPECT_EQ(contact->kind, ContactKind::kPhoneNumber);
  }
}

TEST(ContactTest, KnowsWhichZeroAfterTheCountryCodeBelongsToTheNumber) {
  const struct {
    const char* text;
    const char* phone_number;
  } kCases[] = {
      {"+44 (0)20 7946 0018", "+442079460018"},
      {"+49 (0) 30 1234567", "+49301234567"},
      {"+490301234567", "+49301234567"},
      {"490301234567", "+49301234567"},
      {"+39 06 1234 5678", "+390612345678"},
      {"390612345678", "+390612345678"},
      {"+2250701234567", "+2250701234567"},
      {"+7 8 495 123-45-67", "+74951234567"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    const absl::StatusOr<Contact> contact = ParseContact(c.text);
    ASSERT_TRUE(contact.ok()) << contact.status();
    EXPECT_EQ(contact->phone_number, c.phone_number);
  }
}

TEST(ContactTest, KeepsTheDigitsWrittenHoweverTheyAreGrouped) {
  // libphonenumber would drop the old mobile prefix that WhatsApp still knows.
  for (const char* text :
       {"+5215512345678", "5215512345678", "+52 1 55 1234 5678",
        "5215512345678@s.whatsapp.net"}) {
    SCOPED_TRACE(text);
    const absl::StatusOr<Contact> contact = ParseContact(text);
    ASSERT_TRUE(contact.ok()) << contact.status();
    EXPECT_EQ(contact->jid.ToString(), "5215512345678@s.whatsapp.net");
  }
}

TEST(ContactTest, KnowsTheOtherAddressOfANumber) {
  const absl::StatusOr<Contact> mexican = ParseContact("+52 55 1234 5678");
  ASSERT_TRUE(mexican.ok()) << mexican.status();
  EXPECT_EQ(mexican->jid.ToString(), "525512345678@s.whatsapp.net");
  EXPECT_EQ(mexican->other_jid.ToString(), "5215512345678@s.whatsapp.net");
  EXPECT_TRUE(mexican->other_is_likelier);
  EXPECT_EQ(ParseContact("+13105551234")->other_jid, whatsapp::Jid());
}

TEST(ContactTest, BothAddressesOfANumberBelongToOnePartition) {
  for (const auto& [one, other] :
       {std::pair("+525512345678", "+5215512345678"),
        std::pair("+551187654321", "+5511987654321"),
        std::pair("+553187654321", "+5531987654321"),
        std::pair("+541123456789", "+5491123456789")}) {
    const absl::StatusOr<Contact> a = ParseContact(one);
    const absl::StatusOr<Contact> b = ParseContact(other);
    ASSERT_TRUE(a.ok() && b.ok()) << one;
    EXPECT_NE(a->jid, b->jid);
    EXPECT_EQ(a->CanonicalKey(), b->CanonicalKey());
    EXPECT_EQ(a->PartitionKey(), b->PartitionKey());
    EXPECT_THAT(a->Keys(),
                ::testing::ElementsAre(a->jid.ToString(), b->jid.ToString()));
  }
}

// Numbers of all lengths for the countries with two spellings and some others.
std::vector<std::string> NumbersToFold() {
  std::vector<std::string> numbers;
  for (const char* country : {"52", "54", "55"}) {
    for (int area = 10; area < 100; ++area) {
      for (const char* mark : {"", "1", "9"}) {
        for (const int subscriber : {24681357, 61234567, 87654321, 99999999}) {
          numbers.push_back(absl::StrCat(country, mark, area, subscriber));
          numbers.push_back(absl::StrCat(country, area, mark, subscriber));
        }
      }
    }
  }
  for (int i = 0; i < 1000; ++i) {
    numbers.push_back(absl::StrCat(4915771000000 + i));
  }
  return numbers;
}

TEST(ContactTest, NumbersThatMayBeOneAccountShareAPartitionAndNoOthersDo) {
  std::map<std::string, std::set<std::string>> by_key;
  size_t pairs = 0;
  for (const std::string& number : NumbersToFold()) {
    const auto contact = ParseContact(absl::StrCat(number, "@s.whatsapp.net"));
    ASSERT_TRUE(contact.ok()) << contact.status();
    by_key[contact->CanonicalKey()].insert(number);
    if (!contact->HasTwoAddresses()) {
      EXPECT_EQ(contact->CanonicalKey(), contact->jid.ToString());
      continue;
    }
    ++pairs;
    Contact other = *ParseContact(contact->other_jid.ToString());
    EXPECT_EQ(other.other_jid, contact->jid);
    EXPECT_EQ(other.CanonicalKey(), contact->CanonicalKey());
    EXPECT_EQ(other.PartitionKey(), contact->PartitionKey());
    other.SwapAddresses();
    EXPECT_EQ(other.jid, contact->jid);
    EXPECT_EQ(other.PartitionKey(), contact->PartitionKey());
    other.PutLikelierFirst();
    EXPECT_EQ(other.jid.ToString(), contact->CanonicalKey());
  }
  EXPECT_GT(pairs, 1000u);
  for (const auto& [key, numbers] : by_key) {
    EXPECT_LE(numbers.size(), 2u) << key;
  }
}

TEST(ContactTest, PartitionsAreTheSameInEachVersionAndEvenlyFilled) {
  // If this hash changes, contacts move between the machines of a cluster.
  EXPECT_EQ(PartitionKeyOf("13105551234@s.whatsapp.net"), 0x9b1787ea8ad6e925u);
  std::vector<int> filled(64);
  for (int i = 0; i < 64'000; ++i) {
    const std::string key = absl::StrCat(4915771000000 + i, "@s.whatsapp.net");
    ++filled[PartitionKeyOf(key) % filled.size()];
  }
  for (const int count : filled) {
    EXPECT_GT(count, 800);
    EXPECT_LT(count, 1200);
  }
}

TEST(ContactTest, ReadsLidsGroupsAndChannels) {
  const struct {
    const char* text;
    const char* jid;
    ContactKind kind;
  } kCases[] = {
      {"100875997589545@lid", "100875997589545@lid", ContactKind::kLid},
      {"100875997589545:3@lid", "100875997589545@lid", ContactKind::kLid},
      {"120363041234567890@g.us", "120363041234567890@g.us",
       ContactKind::kGroup},
      {"13105551234-1400000000@g.us", "13105551234-1400000000@g.us",
       ContactKind::kGroup},
      {"120363144038483540@newsletter", "120363144038483540@newsletter",
       ContactKind::kChannel},
      {"100875997589545:99@hosted.lid", "100875997589545@lid",
       ContactKind::kLid},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    const absl::StatusOr<Contact> contact = ParseContact(c.text);
    ASSERT_TRUE(contact.ok()) << contact.status();
    EXPECT_EQ(contact->jid.ToString(), c.jid);
    EXPECT_EQ(contact->kind, c.kind);
    EXPECT_EQ(contact->phone_number, "");
  }
}

TEST(ContactTest, ErrorsSayWhatIsWrong) {
  const struct {
    std::string text;
    const char* says;
  } kCases[] = {
      {"", "empty"},
      {"   ", "empty"},
      {"+1310555", "too short for a number of country code +1"},
      {"+131055512345678", "too long"},
      {"+1", "too short"},
      {"+", "neither a phone number nor a JID"},
      {"+99912345678", "unknown country code"},
      {"99912345678", "unknown country code"},
      {"+0123456789", "unknown country code"},
      {"004930123456", "instead of the leading 00"},
      {"0049 30 123456", "instead of the leading 00"},
      {"030 123456", "not in international form"},
      {"030123456", "not in international form"},
      {"(310) 555-1234", "not in international form"},
      {"٠٣٠١٢٣٤٥٦", "not in international form"},
      {"n/a", "neither a phone number nor a JID"},
      {"+hello", "neither a phone number nor a JID"},
      {std::string("+1310555\0001234", 13), "control character"},
      {"+1310\n5551234", "line break"},
      {"+1310\xFF"
       "5551234",
       "not UTF-8"},
      {std::string(1025, '1'), "longer than 1024 bytes"},
      {std::string(1024, '1'), "too long"},
      {"0@s.whatsapp.net", "announcements account"},
      {"0@c.us", "announcements account"},
      {"13105@s.whatsapp.net", "too short"},
      {"+13105551234@s.whatsapp.net", "without a plus sign"},
      {"jane@s.whatsapp.net", "without a plus sign"},
      {"@s.whatsapp.net", "without a plus sign"},
      {"jane@example.com",
       "'example.com' is not a JID server that can be looked up"},
      {"120363041234567890-1@newsletter", "only digits"},
      {"13105551234@msgr", "is not a JID server that can be looked up"},
      {"status@broadcast", "have no picture"},
      {"867051314767696@bot", "are not looked up"},
      {"13105551234@", "no server"},
      {"1@2@3", "more than one '@'"},
      {"abc@lid", "a LID must have only digits"},
      {"@lid", "a LID must have only digits"},
      {"abc@g.us", "a group's JID"},
      {"1310-@g.us", "a group's JID"},
      {"@g.us", "a group's JID"},
      {std::string(33, '1') + "@g.us", "a group's JID"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    const absl::StatusOr<Contact> contact = ParseContact(c.text);
    ASSERT_FALSE(contact.ok()) << contact->jid.ToString();
    EXPECT_EQ(contact.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(contact.status().message()), HasSubstr(c.says));
  }
}

TEST(ContactTest, TakesEveryRegionsExampleNumberInEverySpelling) {
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  const std::vector<PhoneNumber> examples = ExampleNumbers();
  ASSERT_GT(examples.size(), 400u);
  for (const PhoneNumber& number : examples) {
    std::string e164;
    util.Format(number, PhoneNumberUtil::E164, &e164);
    for (const PhoneNumberUtil::PhoneNumberFormat format :
         {PhoneNumberUtil::E164, PhoneNumberUtil::INTERNATIONAL,
          PhoneNumberUtil::RFC3966}) {
      std::string text;
      util.Format(number, format, &text);
      SCOPED_TRACE(text);
      const absl::StatusOr<Contact> contact = ParseContact(text);
      ASSERT_TRUE(contact.ok()) << contact.status();
      EXPECT_EQ(contact->phone_number, e164);
    }
    const absl::StatusOr<Contact> digits = ParseContact(e164.substr(1));
    if (e164.size() > 14) {
      // The number is as long as a LID, so only a '+' tells the two apart.
      EXPECT_EQ(RefusalOf(digits.status()), Refusal::kBareLid) << e164;
    } else {
      ASSERT_TRUE(digits.ok()) << e164 << ": " << digits.status();
      EXPECT_EQ(digits->phone_number, e164);
    }
    const absl::StatusOr<Contact> jid =
        ParseContact(e164.substr(1) + "@s.whatsapp.net");
    ASSERT_TRUE(jid.ok()) << e164 << ": " << jid.status();
  }
}

TEST(ContactTest, AcceptsWhatLibphonenumberKnowsAndRefusesImpossibleNumbers) {
  std::mt19937 random(20260101);
  std::uniform_int_distribution<int> length(1, 18), digit(0, 9);
  int valid = 0, impossible = 0;
  for (int i = 0; i < 30'000; ++i) {
    std::string digits(length(random), '0');
    for (char& c : digits) c = static_cast<char>('0' + digit(random));
    const absl::StatusOr<Contact> read = ParseContact("+" + digits);
    const bool is_read = read.ok();
    if (digits.size() > 15) {  // E.164 allows 15 digits
      EXPECT_LE(is_read ? read->phone_number.size() : 0, 16u) << digits;
    } else if (LibrarySaysValid(digits)) {
      EXPECT_TRUE(is_read) << digits;
      ++valid;
    } else if (!LibrarySaysPossible(digits)) {
      EXPECT_FALSE(is_read) << digits;
      ++impossible;
    }
  }
  // The test must have covered both valid and invalid numbers.
  EXPECT_GT(valid, 300);
  EXPECT_GT(impossible, 3'000);
}

TEST(ContactTest, SurvivesAnyBytes) {
  std::mt19937 random(7);
  constexpr char kBytes[] = "+0123456789@.:-_ ()\0\xC2\xA0\xEF\xBC\x8BsgluidWx";
  const std::string alphabet(kBytes, sizeof(kBytes) - 1);
  std::uniform_int_distribution<size_t> length(0, 140),
      pick(0, alphabet.size() - 1);
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (size_t left = length(random) % (1 + i % 140); left > 0; --left) {
      text.push_back(alphabet[pick(random)]);
    }
    const absl::StatusOr<Contact> contact = ParseContact(text);
    if (contact.ok()) {
      EXPECT_TRUE(ParseContact(contact->jid.ToString()).ok() ||
                  contact->kind == ContactKind::kPhoneNumber)
          << text;
    } else {
      EXPECT_FALSE(contact.status().message().empty());
    }
  }
}

TEST(NumberPlanTest, DistinguishesTooShortTooLongAndInvalidLengths) {
  using Verdict = NumberPlan::Verdict;
  const struct {
    const char* digits;
    Verdict verdict;
    int country_code;
  } kCases[] = {
      {"13105551234", Verdict::kPossible, 1},
      {"131055512", Verdict::kInvalidLength, 1},
      {"131055", Verdict::kTooShort, 1},
      {"131055512345", Verdict::kTooLong, 1},
      {"491", Verdict::kTooShort, 49},
      {"35812345", Verdict::kUncommon, 358},
      {"999123", Verdict::kUnknownCountryCode, 0},
      {"", Verdict::kUnknownCountryCode, 0},
      {"0", Verdict::kUnknownCountryCode, 0},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.digits);
    const NumberPlan::Judgement judgement = NumberPlan::Get().Judge(c.digits);
    EXPECT_EQ(judgement.verdict, c.verdict);
    EXPECT_EQ(judgement.country_code, c.country_code);
  }
}

// Results are protobuf strings, which must not end within a UTF-8 character.
TEST(ContactTest, ErrorMessagesAreAsciiForAnyContact) {
  for (size_t size = 1; size < 80; ++size) {
    const std::string server(size, 'a');
    const absl::Status status =
        ParseContact(absl::StrCat("1@", server, "\u00fc\u00fc\u00fc")).status();
    ASSERT_FALSE(status.ok());
    for (const char c : status.message()) {
      EXPECT_LT(static_cast<unsigned char>(c), 0x80) << status;
    }
  }
}

}  // namespace
}  // namespace portrait
