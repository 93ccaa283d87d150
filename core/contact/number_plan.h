// NumberPlan knows which lengths the numbers of each country may have, so that
// a number written plainly is judged without a call into libphonenumber.
// Changes of national plans that are newer than libphonenumber's metadata are a
// table of its own.
#ifndef PORTRAIT_CORE_CONTACT_NUMBER_PLAN_H_
#define PORTRAIT_CORE_CONTACT_NUMBER_PLAN_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace portrait {

// A table made once, from libphonenumber's metadata. Immutable: thread-safe.
class NumberPlan {
 public:
  enum class Verdict {
    kPossible,  // the length of the country's mobile numbers
    kUncommon,  // only other numbers have this length: libphonenumber judges
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
  };

  // The plan of the libphonenumber we are linked to.
  static const NumberPlan& Get();

  // Judges a country code and the number after it, `digits` only, by length.
  Judgement Judge(absl::string_view digits) const;

  // A national plan that changed after libphonenumber's metadata was made.
  struct Change {
    int country_code;
    size_t national_digits;
    absl::string_view prefix;  // of the national number
    absl::string_view source;
  };
  static absl::Span<const Change> Changes();

 private:
  static constexpr int kCountryCodes = 1000;  // they have one to three digits

  NumberPlan();

  // Bit n: n digits may stand after the country code.
  using Lengths = std::array<uint32_t, kCountryCodes>;

  Lengths lengths_{};  // of all numbers, local ones too; 0: no such code
  Lengths whole_{};    // of complete numbers
  Lengths mobile_{};
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_CONTACT_NUMBER_PLAN_H_
