#include "core/contact/number_plan.h"

#include <set>
#include <string>

#include "absl/numeric/bits.h"
#include "absl/strings/match.h"
#include "phonenumbers/phonenumber.pb.h"
#include "phonenumbers/phonenumberutil.h"

namespace portrait {
namespace {

using ::i18n::phonenumbers::PhoneNumber;
using ::i18n::phonenumbers::PhoneNumberUtil;

// The shortest national number that libphonenumber parses.
constexpr size_t kMinNationalDigits = 2;
constexpr size_t kMaxNationalDigits = 17;
constexpr size_t kMaxCountryCodeDigits = 3;

// Numbers of Ivory Coast are an example: 07 12 34 56 78 has no trunk prefix.
bool MobileNumbersBeginWithZero(const std::string& region) {
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  std::string trunk_prefix;
  util.GetNddPrefixForRegion(region, /*strip_non_digits=*/true, &trunk_prefix);
  PhoneNumber example;
  return trunk_prefix.empty() &&
         util.GetExampleNumberForType(region, PhoneNumberUtil::MOBILE,
                                      &example) &&
         example.italian_leading_zero();
}

constexpr NumberPlan::Change kChanges[] = {
    // Benin put the prefix 01 before each number on 2024-11-30.
    {229, 10, "01",
     "ARCEP Benin, national numbering plan of 2024-11-30; ITU Operational "
     "Bulletin, notification for Benin (+229)"},
};

}  // namespace

absl::Span<const NumberPlan::Change> NumberPlan::Changes() { return kChanges; }

const NumberPlan& NumberPlan::Get() {
  static const NumberPlan* const plan = new NumberPlan;
  return *plan;
}

// libphonenumber does not publish its metadata. But whether it accepts a length
// depends only on the country code and the length, so one call for each pair
// finds all lengths.
NumberPlan::NumberPlan() {
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  std::set<int> country_codes;
  util.GetSupportedCallingCodes(&country_codes);
  for (const int code : country_codes) {
    if (code <= 0 || code >= kCountryCodes) continue;
    std::string region;
    util.GetRegionCodeForCountryCode(code, &region);
    has_zero_[code] = MobileNumbersBeginWithZero(region);
    PhoneNumber number;
    number.set_country_code(code);
    uint64_t national = 1;
    for (size_t size = 1; size <= kMaxNationalDigits; ++size, national *= 10) {
      number.set_national_number(national);
      if (size < kMinNationalDigits || !util.IsPossibleNumber(number)) continue;
      const uint32_t bit = uint32_t{1} << size;
      lengths_[code] |= bit;
      if (util.IsPossibleNumberWithReason(number) ==
          PhoneNumberUtil::IS_POSSIBLE) {
        whole_[code] |= bit;
      }
      if (util.IsPossibleNumberForTypeWithReason(number,
                                                 PhoneNumberUtil::MOBILE) ==
          PhoneNumberUtil::IS_POSSIBLE) {
        mobile_[code] |= bit;
      }
    }
  }
}

NumberPlan::Judgement NumberPlan::Judge(absl::string_view digits) const {
  Judgement judgement;
  int code = 0;
  // No country code is a prefix of another one.
  for (size_t i = 0; i < digits.size() && i < kMaxCountryCodeDigits; ++i) {
    code = code * 10 + (digits[i] - '0');
    if (code == 0) break;
    if (lengths_[code] == 0) continue;
    judgement.country_code = code;
    judgement.country_code_size = i + 1;
    judgement.has_zero = has_zero_[code];
    break;
  }
  if (judgement.country_code == 0) return judgement;

  const uint32_t lengths = lengths_[judgement.country_code];
  const absl::string_view national = digits.substr(judgement.country_code_size);
  const size_t size = national.size();
  const size_t shortest = absl::countr_zero(lengths);
  for (const Change& change : kChanges) {
    if (change.country_code == judgement.country_code &&
        change.national_digits == size &&
        absl::StartsWith(national, change.prefix)) {
      judgement.verdict = Verdict::kPossible;
      judgement.has_changed = true;
      return judgement;
    }
  }
  const auto has = [&](const Lengths& of) {
    return (of[judgement.country_code] >> size & 1) != 0;
  };
  if (size < shortest) {
    judgement.verdict = Verdict::kTooShort;
  } else if (size > kMaxNationalDigits || lengths >> size == 0) {
    judgement.verdict = Verdict::kTooLong;
  } else if (!has(lengths_)) {
    judgement.verdict = Verdict::kInvalidLength;
  } else if (!has(whole_)) {
    judgement.verdict = Verdict::kLocalOnly;
  } else {
    judgement.verdict = has(mobile_) ? Verdict::kPossible : Verdict::kUncommon;
  }
  return judgement;
}

}  // namespace portrait
