// NumberPlan knows which lengths the numbers of each country may have, so that
// a plain number is judged without a call into libphonenumber. A separate table
// has the changes of national plans that are newer than libphonenumber's
// metadata.
#ifndef PORTRAIT_CORE_CONTACT_NUMBER_PLAN_H_
#define PORTRAIT_CORE_CONTACT_NUMBER_PLAN_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace portrait {

// A table built once from libphonenumber's metadata. Immutable and thread-safe.
class NumberPlan {
 public:
  enum class Verdict {
    kPossible,  // the length of the country's mobile numbers
    // Only other numbers have this length; libphonenumber must judge.
    kUncommon,
    kUnknownCountryCode,
    kTooShort,
    kTooLong,
    kInvalidLength,  // between two possible ones
    kLocalOnly,      // can be dialled within its town only
  };
  struct Judgement {
    Verdict verdict = Verdict::kUnknownCountryCode;
    int country_code = 0;          // 0: unknown
    size_t country_code_size = 0;  // in digits
    bool has_changed = false;      // judged by Changes()
    // Mobile numbers begin with a zero that is not a trunk prefix.
    bool has_zero = false;
  };

  // The plan of the libphonenumber version that is linked.
  static const NumberPlan& Get();

  // Judges `digits` (a country code and the number after it) by length.
  Judgement Judge(absl::string_view digits) const;

  // A change of a national plan that libphonenumber's metadata does not have
  // yet.
  struct Change {
    int country_code;
    size_t national_digits;
    absl::string_view prefix;  // of the national number
    absl::string_view source;
  };
  static absl::Span<const Change> Changes();

 private:
  // Country codes have one to three digits.
  static constexpr int kCountryCodes = 1000;

  NumberPlan();

  // Bit n is set if a number may have n digits after the country code.
  using Lengths = std::array<uint32_t, kCountryCodes>;

  // All numbers, including local ones; 0: no such country code.
  Lengths lengths_{};
  Lengths whole_{};  // complete numbers only
  Lengths mobile_{};
  std::array<bool, kCountryCodes> has_zero_{};
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_CONTACT_NUMBER_PLAN_H_
