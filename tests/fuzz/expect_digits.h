// Checks that the number to be looked up is the number that was written.
#ifndef PORTRAIT_TESTS_FUZZ_EXPECT_DIGITS_H_
#define PORTRAIT_TESTS_FUZZ_EXPECT_DIGITS_H_

#include <cstddef>

#include "absl/strings/string_view.h"
#include "core/contact/contact_text.h"

namespace portrait::fuzz {

// Whether all of `digits` are in `text`, in their order. Letters stand for no
// digits; digits of all scripts count.
inline bool HasDigitsInOrder(absl::string_view text, absl::string_view digits) {
  const absl::StatusOr<ContactText> cleaned = CleanContactText(text);
  if (!cleaned.ok()) return false;
  size_t at = 0;
  for (const char digit : digits) {
    at = cleaned->text.find(digit, at);
    if (at == std::string::npos) return false;
    ++at;
  }
  return true;
}

// Like HasDigitsInOrder, without the country code of `digits`, which the list
// or the caller gave.
inline bool HasNationalDigitsInOrder(absl::string_view text,
                                     absl::string_view digits) {
  constexpr size_t kMaxCountryCodeDigits = 3;
  for (size_t code = 1; code <= kMaxCountryCodeDigits; ++code) {
    if (code < digits.size() && HasDigitsInOrder(text, digits.substr(code))) {
      return true;
    }
  }
  return false;
}

}  // namespace portrait::fuzz

#endif  // PORTRAIT_TESTS_FUZZ_EXPECT_DIGITS_H_
