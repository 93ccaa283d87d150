// The first step of reading a contact: what programs and people put around a
// number is removed, and other scripts' digits and signs become ASCII.
#ifndef PORTRAIT_CORE_CONTACT_CONTACT_TEXT_H_
#define PORTRAIT_CORE_CONTACT_CONTACT_TEXT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace portrait {

struct ContactText {
  std::string text;  // trimmed; digits, dashes, spaces and '+' are ASCII
  // What was removed, in words: "quotation marks", "the label 'Tel.'".
  std::vector<std::string> removed;
  // The text of a wa.me link: a number with its country code.
  bool is_international = false;
};

// Removes invisible marks, quotation marks, a spreadsheet's '=' and ''',
// labels ("Tel.", "whatsapp:", "p:"), WhatsApp's links around a number, a
// trailing comma or full stop. No digit is removed, changed or moved.
//
// Errors: a Refusal, if the text is no text, empty, or a link without a number.
absl::StatusOr<ContactText> CleanContactText(absl::string_view text);

}  // namespace portrait

#endif  // PORTRAIT_CORE_CONTACT_CONTACT_TEXT_H_
