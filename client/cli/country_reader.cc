#include "client/cli/country_reader.h"

#include <phonenumbers/phonenumberutil.h>
#include <unicode/locid.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <set>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/cli/text_fold.h"

namespace portrait::cli {
namespace {

using ::i18n::phonenumbers::PhoneNumberUtil;

// The languages in which names of countries are recognized.
constexpr const char* kLanguages[] = {
    "en", "de", "fr", "es", "pt", "it", "nl", "pl", "tr", "ru", "uk", "ar",
    "he", "hi", "id", "ja", "ko", "zh", "vi", "th", "sv", "da", "nb", "fi",
    "cs", "sk", "hu", "ro", "el", "bg", "hr", "fa", "ms", "ca"};

// Usual names that are missing in the Unicode data.
constexpr std::pair<const char*, const char*> kOtherNames[] = {
    {"uk", "GB"},
    {"u.k.", "GB"},
    {"great britain", "GB"},
    {"britain", "GB"},
    {"england", "GB"},
    {"scotland", "GB"},
    {"wales", "GB"},
    {"northern ireland", "GB"},
    {"united states of america", "US"},
    {"u.s.a.", "US"},
    {"u.s.", "US"},
    {"the united states", "US"},
    {"estados unidos de america", "US"},
    {"vereinigte staaten von amerika", "US"},
    {"eeuu", "US"},
    {"ee.uu.", "US"},
    {"eua", "US"},
    {"holland", "NL"},
    {"the netherlands", "NL"},
    {"uae", "AE"},
    {"u.a.e.", "AE"},
    {"ksa", "SA"},
    {"czech republic", "CZ"},
    {"turkey", "TR"},
    {"turkiye", "TR"},
    {"russian federation", "RU"},
    {"korea", "KR"},
    {"republic of korea", "KR"},
    {"ivory coast", "CI"},
    {"viet nam", "VN"},
    {"hong kong", "HK"},
    {"macau", "MO"},
    {"brd", "DE"},
    {"bundesrepublik deutschland", "DE"},
    {"republic of ireland", "IE"},
    {"السعودية", "SA"},
    {"الإمارات", "AE"},
    {"الامارات", "AE"},
};

// From a folded name or three-letter code to the two-letter code.
using Names = absl::flat_hash_map<std::string, std::string>;

Names MakeNames() {
  std::set<std::string> regions;
  PhoneNumberUtil::GetInstance()->GetSupportedRegions(&regions);
  Names names;
  std::set<std::string> unclear;
  const auto add = [&](const std::string& name, const std::string& region) {
    const auto [at, is_new] = names.try_emplace(name, region);
    if (!is_new && at->second != region) unclear.insert(name);
  };
  for (const std::string& region : regions) {
    const icu::Locale country("", region.c_str());
    add(absl::AsciiStrToLower(country.getISO3Country()), region);
    for (const char* language : kLanguages) {
      icu::UnicodeString shown;
      country.getDisplayCountry(icu::Locale(language), shown);
      std::string name;
      shown.toUTF8String(name);
      add(FoldText(name), region);
    }
  }
  for (const std::string& name : unclear) names.erase(name);
  for (const auto& [name, region] : kOtherNames) names[name] = region;
  names.erase("");
  return names;
}

std::optional<std::string> ReadName(absl::string_view text) {
  static const Names& names = *new Names(MakeNames());
  if (text.size() == 2 && text != "UK" && text != "uk" &&
      PhoneNumberUtil::GetInstance()->GetCountryCodeForRegion(
          absl::AsciiStrToUpper(text)) != 0) {
    return absl::AsciiStrToUpper(text);
  }
  const auto found = names.find(FoldText(text));
  if (found == names.end()) return std::nullopt;
  return found->second;
}

// The country for "49", a dial code without a sign.
std::optional<std::string> ReadDialCode(absl::string_view digits) {
  int code = 0;
  const bool plain =
      digits.size() <= 3 &&
      std::all_of(digits.begin(), digits.end(), [](char c) {
        return absl::ascii_isdigit(static_cast<unsigned char>(c));
      });
  if (!plain || !absl::SimpleAtoi(digits, &code)) return std::nullopt;
  std::string region;
  PhoneNumberUtil::GetInstance()->GetRegionCodeForCountryCode(code, &region);
  // "001" is a code without a country; "ZZ" means that the code is unknown.
  if (region.size() != 2 || region == "ZZ") return std::nullopt;
  return region;
}

}  // namespace

std::optional<std::string> ReadSignedDialCode(absl::string_view cell) {
  const std::string signs = AsciiSigns(cell);
  absl::string_view text = absl::StripAsciiWhitespace(signs);
  absl::ConsumePrefix(&text, "'");
  if (absl::ConsumePrefix(&text, "(")) absl::ConsumeSuffix(&text, ")");
  if (!absl::ConsumePrefix(&text, "+") && !absl::ConsumePrefix(&text, "00")) {
    return std::nullopt;
  }
  return ReadDialCode(text);
}

std::optional<std::string> DialCodeDigits(absl::string_view cell) {
  std::optional<std::string> region = ReadSignedDialCode(cell);
  if (!region) region = ReadDialCode(absl::StripAsciiWhitespace(cell));
  if (!region) return std::nullopt;
  return absl::StrCat(
      PhoneNumberUtil::GetInstance()->GetCountryCodeForRegion(*region));
}

std::optional<std::string> ReadCountry(absl::string_view cell) {
  const std::string signs = AsciiSigns(cell);
  const absl::string_view text = absl::StripAsciiWhitespace(signs);
  if (text.empty()) return std::nullopt;
  if (auto name = ReadName(text)) return name;
  if (auto dial = ReadSignedDialCode(text)) return dial;
  if (auto dial = ReadDialCode(text)) return dial;
  // "Germany (+49)", "+49 Germany", "DE (Germany)": both parts must agree.
  const size_t cut = text.find_first_of("(+", 1);
  const size_t space = text.front() == '+' ? text.find(' ') : cut;
  if (space == absl::string_view::npos || space == 0) return std::nullopt;
  absl::string_view first = absl::StripAsciiWhitespace(text.substr(0, space));
  absl::string_view second = absl::StripAsciiWhitespace(text.substr(space));
  if (absl::ConsumePrefix(&second, "(")) absl::ConsumeSuffix(&second, ")");
  if (first.front() == '+') std::swap(first, second);
  const std::optional<std::string> name = ReadName(first);
  if (!name.has_value()) return std::nullopt;
  if (ReadName(second) == name) return name;
  const std::optional<std::string> dial = ReadSignedDialCode(second);
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  const bool agree =
      dial.has_value() && util.GetCountryCodeForRegion(*dial) ==
                              util.GetCountryCodeForRegion(*name);
  return agree ? name : std::nullopt;
}

}  // namespace portrait::cli
