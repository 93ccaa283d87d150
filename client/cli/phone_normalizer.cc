#include "client/cli/phone_normalizer.h"

#include <phonenumbers/phonenumberutil.h>

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace portrait::cli {
namespace {

using ::i18n::phonenumbers::PhoneNumber;
using ::i18n::phonenumbers::PhoneNumberUtil;

// Digits and what people put between them; no letters: "1.5E+10" is what a
// spreadsheet has made of a number, "555 12 34 ext. 5" needs a person.
bool IsSpelledAsNumber(absl::string_view contact) {
  for (const char c : contact) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c)) &&
        !absl::StrContains(" -()./\xC2\xA0", c)) {
      return false;
    }
  }
  return !contact.empty();
}

// "4915112345678.0", as a program writes a column that it took for fractions:
// the digits before the point.
absl::string_view WithoutFraction(absl::string_view contact) {
  const size_t point = contact.find('.');
  if (point == 0 || point == absl::string_view::npos ||
      point + 1 == contact.size()) {
    return contact;
  }
  const absl::string_view whole = contact.substr(0, point);
  const absl::string_view fraction = contact.substr(point + 1);
  const auto is_digit = [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c));
  };
  constexpr size_t kMinDigits = 7;
  const bool is_number =
      std::count_if(whole.begin(), whole.end(), is_digit) ==
          static_cast<std::ptrdiff_t>(whole.size() -
                                      (whole.front() == '+' ? 1 : 0)) &&
      whole.size() >= kMinDigits &&
      std::all_of(fraction.begin(), fraction.end(),
                  [](char c) { return c == '0'; });
  return is_number ? whole : contact;
}

std::string E164(const PhoneNumber& number) {
  std::string text;
  PhoneNumberUtil::GetInstance()->Format(number, PhoneNumberUtil::E164, &text);
  return text;
}

}  // namespace

bool IsCountryCode(absl::string_view code) {
  return PhoneNumberUtil::GetInstance()->GetCountryCodeForRegion(
             absl::AsciiStrToUpper(code)) != 0;
}

std::string Internationalize(absl::string_view contact,
                             absl::string_view country) {
  contact = WithoutFraction(contact);
  const std::string written(contact);
  if (country.size() != 2 || !IsSpelledAsNumber(contact) ||
      !IsCountryCode(country)) {
    return written;
  }
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  PhoneNumber national;
  const bool parsed =
      util.Parse(written, absl::AsciiStrToUpper(country), &national) ==
      PhoneNumberUtil::NO_PARSING_ERROR;
  const bool national_valid = parsed && util.IsValidNumber(national);
  PhoneNumber international;
  const bool international_valid =
      util.Parse(absl::StrCat("+", written), "ZZ", &international) ==
          PhoneNumberUtil::NO_PARSING_ERROR &&
      util.IsValidNumber(international);
  // "4915112345678" in Germany has its country code: it is no number of the
  // town whose area code begins with 49.
  const bool has_own_code =
      international_valid && parsed &&
      international.country_code() == national.country_code();
  if (national_valid && !has_own_code) return E164(national);
  if (international_valid) return E164(international);
  // IsPossibleNumber would let pass what can be dialled within a town only.
  if (parsed && util.IsPossibleNumberWithReason(national) ==
                    PhoneNumberUtil::IS_POSSIBLE) {
    return E164(national);
  }
  return written;
}

}  // namespace portrait::cli
