// Whether a cleaned text has the shape of one phone number: digits, a '+' in
// front and the signs that group digits.
#ifndef PORTRAIT_CORE_CONTACT_NUMBER_SHAPE_H_
#define PORTRAIT_CORE_CONTACT_NUMBER_SHAPE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace portrait {

// Whether the text has at least one digit (ASCII) and nothing else.
bool IsDigits(absl::string_view text);

struct NumberShape {
  std::string digits;
  bool has_plus = false;
  bool has_groups = false;     // signs between the digits
  bool lost_decimals = false;  // a ".0" at the end was removed
};

// Errors: a Refusal that names the text that does not belong to a number.
absl::StatusOr<NumberShape> ReadNumberShape(absl::string_view text);

}  // namespace portrait

#endif  // PORTRAIT_CORE_CONTACT_NUMBER_SHAPE_H_
