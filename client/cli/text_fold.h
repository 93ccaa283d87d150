// Normalizes text that people spell in different ways: "Móvil" and "MOVIL".
#ifndef PORTRAIT_CLIENT_CLI_TEXT_FOLD_H_
#define PORTRAIT_CLIENT_CLI_TEXT_FOLD_H_

#include <string>

#include "absl/strings/string_view.h"

namespace portrait::cli {

// Lower case, without accents, compatibility forms replaced ("Ａ" is "a").
std::string FoldText(absl::string_view text);

// Converts the characters of a number to ASCII: other scripts' digits,
// full-width signs, all dashes and spaces. Invisible marks are dropped; other
// characters stay.
std::string AsciiSigns(absl::string_view text);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_TEXT_FOLD_H_
