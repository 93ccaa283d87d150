// NumberPlan knows which lengths the numbers of each country may have, so that
// a number written plainly is judged without a call into libphonenumber.
#ifndef PORTRAIT_CORE_CONTACT_NUMBER_PLAN_H_
#define PORTRAIT_CORE_CONTACT_NUMBER_PLAN_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace portrait {

// A table made once, from libphonenumber's metadata. Immutable: thread-safe.
class NumberPlan {
 public:
  enum class Verdict {
    kPossible,
    kUnknownCountryCode,
    kTooShort,
    kTooLong,
    kInvalidLength,  // between two possible ones
  };
  struct Judgement {
    Verdict verdict = Verdict::kUnknownCountryCode;
    int country_code = 0;          // 0: unknown
    size_t country_code_size = 0;  // in digits
  };

  // The plan of the libphonenumber we are linked to.
  static const NumberPlan& Get();

  // Of a country code and the number after it, `digits` only. Agrees with
  // libphonenumber's IsPossibleNumber: lengths count, valid ranges do not.
  Judgement Judge(absl::string_view digits) const;

 private:
  static constexpr int kCountryCodes = 1000;  // they have one to three digits

  NumberPlan();

  // Bit n: n digits may stand after the country code. 0: no such code.
  std::array<uint32_t, kCountryCodes> lengths_{};
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_CONTACT_NUMBER_PLAN_H_
