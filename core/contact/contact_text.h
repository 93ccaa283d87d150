// The first step of reading a contact: removes the text that programs and
// people put around a number, and converts other scripts' digits and signs to
// ASCII.
#ifndef PORTRAIT_CORE_CONTACT_CONTACT_TEXT_H_
#define PORTRAIT_CORE_CONTACT_CONTACT_TEXT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace portrait {

struct ContactText {
  std::string text;  // trimmed; digits, dashes, spaces and '+' are ASCII
  // Descriptions of the removed text: "quotation marks", "the label 'Tel.'".
  std::vector<std::string> removed;
  // The text comes from a wa.me link: a number with its country code.
  bool is_international = false;
};

// Removes invisible marks, quotation marks, a spreadsheet's '=' and ''', labels
// ("Tel.", "whatsapp:", "p:"), WhatsApp's links around a number, a trailing
// comma or full stop. No digit is removed, changed or moved.
//
// Errors: a Refusal if the text is empty, not UTF-8, or a link without a
// number.
absl::StatusOr<ContactText> CleanContactText(absl::string_view text);

}  // namespace portrait

#endif  // PORTRAIT_CORE_CONTACT_CONTACT_TEXT_H_
