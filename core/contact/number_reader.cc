#include "core/contact/number_reader.h"

#include <algorithm>
#include <optional>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/contact/number_plan.h"
#include "core/contact/number_shape.h"
#include "core/contact/refusal.h"
#include "phonenumbers/phonenumber.pb.h"
#include "phonenumbers/phonenumberutil.h"

namespace portrait {
namespace {

using ::i18n::phonenumbers::PhoneNumber;
using ::i18n::phonenumbers::PhoneNumberUtil;
using Verdict = NumberPlan::Verdict;

constexpr size_t kMinLidDigits = 14;
// A text without '+' and with at most this many digits may lack a country code.
constexpr size_t kMaxNationalLookDigits = 11;
// The region code for no country; libphonenumber then adds no country code.
constexpr char kNoCountry[] = "ZZ";

absl::Status ImpossibleNumber(const NumberPlan::Judgement& judgement) {
  const int code = judgement.country_code;
  switch (judgement.verdict) {
    case Verdict::kTooShort:
      return Refuse(
          Refusal::kTooShort,
          absl::StrCat("too short for a number of country code +", code));
    case Verdict::kTooLong:
      return Refuse(
          Refusal::kTooLong,
          absl::StrCat("too long for a number of country code +", code));
    case Verdict::kLocalOnly:
      return Refuse(Refusal::kTooShort,
                    absl::StrCat("the area code is missing: not a complete "
                                 "number of country code +",
                                 code));
    case Verdict::kUnknownCountryCode:
      return Refuse(Refusal::kUnknownCountryCode, "unknown country code");
    case Verdict::kUncommon:
    case Verdict::kPossible:
      return Refuse(Refusal::kImpossible,
                    absl::StrCat("not a known number of country code +", code));
    case Verdict::kInvalidLength:
      break;
  }
  return Refuse(Refusal::kImpossible,
                absl::StrCat("no number of country code +", code,
                             " has that many digits"));
}

absl::Status NotInternational(absl::string_view digits) {
  if (absl::StartsWith(digits, "00")) {
    return Refuse(
        Refusal::kNotInternational,
        "not in international form: write '+' instead of the leading 00");
  }
  return Refuse(
      Refusal::kNotInternational,
      "not in international form: write '+' and the country code first");
}

// ---- calls into libphonenumber ----------------------------------------------

std::optional<PhoneNumber> Parse(absl::string_view digits,
                                 absl::string_view country) {
  PhoneNumber number;
  if (PhoneNumberUtil::GetInstance()->Parse(std::string(digits),
                                            std::string(country), &number) !=
      PhoneNumberUtil::NO_PARSING_ERROR) {
    return std::nullopt;
  }
  return number;
}

std::optional<PhoneNumber> ParseInternational(absl::string_view digits) {
  return Parse(absl::StrCat("+", digits), kNoCountry);
}

std::string DigitsOf(const PhoneNumber& number) {
  std::string national;
  PhoneNumberUtil::GetInstance()->GetNationalSignificantNumber(number,
                                                               &national);
  return absl::StrCat(number.country_code(), national);
}

bool IsValid(const PhoneNumber& number) {
  return PhoneNumberUtil::GetInstance()->IsValidNumber(number);
}

// Whether `number` is a mobile number of `country`, not of a country that
// shares its code.
bool IsMobileOf(const PhoneNumber& number, const std::string& country) {
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  return number.country_code() == util.GetCountryCodeForRegion(country) &&
         util.GetNumberType(number) == PhoneNumberUtil::MOBILE;
}

// Whether `digits` are those of the number's national form.
bool IsNationalForm(absl::string_view digits, const PhoneNumber& number) {
  std::string form;
  PhoneNumberUtil::GetInstance()->Format(number, PhoneNumberUtil::NATIONAL,
                                         &form);
  form.erase(std::remove_if(form.begin(), form.end(),
                            [](char c) {
                              return !absl::ascii_isdigit(
                                  static_cast<unsigned char>(c));
                            }),
             form.end());
  return form == digits;
}

// Whether `digits`, which have no '+', certainly are the number `national` of
// `country`. With a '+' before them they would be the number `other` of another
// country; both numbers are valid.
//
// They certainly are if the national form of the number has no leading zero, as
// in North America and Spain, and for mobile numbers in China: nothing is
// missing in "2015026512", and the list's country is known. A second reading is
// rare: 1.6 % of the valid numbers of the countries without a
// leading zero have one (United States 10 %, Italy 11 %, Spain 1 %). In 0.14 %
// of the numbers, the second reading is a mobile number. If it is, and the
// number is a landline of `country` (0.05 %), the second reading is the
// likelier one, so the number is refused.
//
// In all other countries, such digits lack either their leading zero or their
// '+'.
bool IsCertainlyNational(absl::string_view digits, const std::string& country,
                         const PhoneNumber& national,
                         const PhoneNumber& other) {
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  std::string prefix;
  util.GetNddPrefixForRegion(country, /*strip_non_digits=*/true, &prefix);
  if (absl::StartsWith(prefix, "0") && !IsNationalForm(digits, national)) {
    return false;
  }
  return util.GetNumberType(national) != PhoneNumberUtil::FIXED_LINE ||
         util.GetNumberType(other) != PhoneNumberUtil::MOBILE;
}

// Whether `read` is `digits` without one to three digits after the country
// code. libphonenumber also puts digits into some numbers: +672 01234 would be
// +672 301234.
bool IsWithoutTrunkPrefix(absl::string_view read, absl::string_view digits,
                          size_t country_code_size) {
  constexpr size_t kMaxTrunkPrefix = 3;
  return read.size() < digits.size() &&
         read.size() + kMaxTrunkPrefix >= digits.size() &&
         absl::EndsWith(digits, read.substr(country_code_size)) &&
         absl::StartsWith(digits, read.substr(0, country_code_size));
}

// Whether `number` is the number that a person reads in the national `digits`,
// which must end in the number's own digits. Argentina's mobile numbers have a
// 9 after the country code and "15" before the last digits at home.
bool IsWrittenAs(const PhoneNumber& number, absl::string_view digits) {
  constexpr int kArgentina = 54;
  std::string national;
  PhoneNumberUtil::GetInstance()->GetNationalSignificantNumber(number,
                                                               &national);
  if (absl::EndsWith(digits, national)) return true;
  if (number.country_code() != kArgentina || national[0] != '9') return false;
  size_t at = 0;
  for (const char digit : national.substr(1)) {
    at = digits.find(digit, at);
    if (at == absl::string_view::npos) return false;
    ++at;
  }
  return true;
}

// ---- readings --------------------------------------------------------------

// Reads a number that is not plain; libphonenumber must know it. A plain number
// needs no such check, because libphonenumber's lists of prefixes age. But a
// number with a zero after the country code, or with a length unlike the
// country's mobile numbers, probably lacks digits.
absl::StatusOr<std::string> ReadUncommon(absl::string_view digits,
                                         std::vector<std::string>* removed) {
  const NumberPlan::Judgement judgement = NumberPlan::Get().Judge(digits);
  const bool has_length = judgement.verdict == Verdict::kPossible ||
                          judgement.verdict == Verdict::kUncommon;
  const std::optional<PhoneNumber> number = ParseInternational(digits);
  if (judgement.verdict == Verdict::kUnknownCountryCode || !number ||
      !IsValid(*number)) {
    return ImpossibleNumber(judgement);
  }
  std::string read = DigitsOf(*number);
  if (read == digits) return read;
  const char first = digits[judgement.country_code_size];
  if (first == '0' || first == '8') {
    if (!IsWithoutTrunkPrefix(read, digits, judgement.country_code_size)) {
      return ImpossibleNumber(judgement);
    }
    removed->emplace_back("the trunk prefix after the country code");
    return read;
  }
  // libphonenumber drops Mexico's old mobile prefix, which WhatsApp still
  // knows, and adds a prefix in Argentina, so the written digits are used.
  if (has_length) return std::string(digits);
  return ImpossibleNumber(judgement);
}

absl::StatusOr<std::string> ReadInternational(
    absl::string_view digits, std::vector<std::string>* removed) {
  if (IsPlainNumber(digits)) return std::string(digits);
  if (digits.size() > kMaxNumberDigits + 1) {
    return Refuse(Refusal::kTooLong, "too long for a phone number");
  }
  return ReadUncommon(digits, removed);
}

// Reads a number without '+' and without a default country.
absl::StatusOr<std::string> ReadBare(const NumberShape& shape,
                                     std::vector<std::string>* removed) {
  const std::string& digits = shape.digits;
  if (shape.has_groups || digits[0] == '0') return NotInternational(digits);
  if (digits.size() >= kMinLidDigits && digits.size() <= kMaxNumberDigits) {
    return Refuse(Refusal::kBareLid,
                  "14 or 15 digits: is this a LID? Write it with '@lid', or a "
                  "phone number with '+'");
  }
  if (digits.size() <= kMaxNationalLookDigits) {
    absl::StatusOr<std::string> read = ReadUncommon(digits, removed);
    // If the digits are not a number of their country code, they are probably a
    // national number: "2125550124" is a number of New York, not a number of
    // Morocco that is too short.
    if (!read.ok() && digits.size() >= kMinNumberDigits &&
        RefusalOf(read.status()) != Refusal::kUnknownCountryCode) {
      return NotInternational(digits);
    }
    return read;
  }
  return ReadInternational(digits, removed);
}

absl::StatusOr<std::string> ReadNational(const NumberShape& shape,
                                         const std::string& country) {
  const std::string& digits = shape.digits;
  std::optional<PhoneNumber> national = Parse(digits, country);
  if (national && !IsWrittenAs(*national, digits)) national.reset();
  const std::optional<PhoneNumber> international = ParseInternational(digits);
  const bool is_national = national && IsValid(*national);
  const bool is_international = digits[0] != '0' && international &&
                                IsValid(*international) &&
                                DigitsOf(*international) == digits;
  // "4915112345678" in Germany: a mobile number without its '+'.
  if (is_international && IsMobileOf(*international, country)) return digits;
  // "31612345678" in Germany lacks either its zero or its '+'.
  if (is_national && is_international && digits[0] != '0' &&
      DigitsOf(*national) != DigitsOf(*international) &&
      !IsCertainlyNational(digits, country, *national, *international)) {
    return Refuse(Refusal::kAmbiguous,
                  absl::StrCat("a number of ", country,
                               " or, with '+' before it, of another country: "
                               "write '+' and the country code first"));
  }
  if (is_national) return DigitsOf(*national);
  if (is_international) return digits;
  if (!national) {
    return Refuse(Refusal::kImpossible,
                  absl::StrCat("not a valid number of ", country));
  }
  // The number is not known to be valid, so any other reading takes precedence.
  const std::string read = DigitsOf(*national);
  const NumberPlan::Judgement judgement = NumberPlan::Get().Judge(read);
  if (judgement.verdict != Verdict::kPossible &&
      judgement.verdict != Verdict::kUncommon) {
    return ImpossibleNumber(judgement);
  }
  if (digits[0] != '0' && IsPlainNumber(digits)) {
    return Refuse(Refusal::kAmbiguous,
                  absl::StrCat("not known as a number of ", country,
                               ": write '+' and the country code first"));
  }
  if (IsPlainNumber(read)) return read;
  return ImpossibleNumber(judgement);
}

absl::StatusOr<std::string> ReadShape(absl::string_view default_country,
                                      const NumberShape& shape,
                                      ContactText* cleaned) {
  std::vector<std::string>* const removed = &cleaned->removed;
  if (shape.lost_decimals) removed->emplace_back("a spreadsheet's '.0'");
  if (shape.has_plus || cleaned->is_international) {
    return ReadInternational(shape.digits, removed);
  }
  if (!default_country.empty()) {
    return ReadNational(shape, absl::AsciiStrToUpper(default_country));
  }
  return ReadBare(shape, removed);
}

}  // namespace

bool IsPlainNumber(absl::string_view digits) {
  if (digits.size() < kMinNumberDigits || digits.size() > kMaxNumberDigits) {
    return false;
  }
  const NumberPlan::Judgement judgement = NumberPlan::Get().Judge(digits);
  return judgement.verdict == Verdict::kPossible &&
         (judgement.has_changed || judgement.has_zero ||
          digits[judgement.country_code_size] != '0');
}

bool IsCountry(absl::string_view code) {
  return code.size() == 2 &&
         PhoneNumberUtil::GetInstance()->GetCountryCodeForRegion(
             absl::AsciiStrToUpper(code)) != 0;
}

absl::StatusOr<std::string> ReadNumber(absl::string_view default_country,
                                       ContactText* cleaned) {
  ASSIGN_OR_RETURN(const NumberShape shape, ReadNumberShape(cleaned->text));
  ASSIGN_OR_RETURN(std::string digits,
                   ReadShape(default_country, shape, cleaned));
  // Some countries have shorter numbers than a JID can hold.
  if (digits.size() < kMinNumberDigits) {
    return Refuse(Refusal::kTooShort, "too short for a phone number");
  }
  if (digits.size() > kMaxNumberDigits) {
    return Refuse(Refusal::kTooLong, "too long for a phone number");
  }
  return digits;
}

}  // namespace portrait
