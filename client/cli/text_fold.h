// One spelling for text that people write in several: "Móvil" and "MOVIL".
#ifndef PORTRAIT_CLIENT_CLI_TEXT_FOLD_H_
#define PORTRAIT_CLIENT_CLI_TEXT_FOLD_H_

#include <string>

#include "absl/strings/string_view.h"

namespace portrait::cli {

// Lower case, without accents, compatibility forms replaced ("Ａ" is "a").
std::string FoldText(absl::string_view text);

// The signs of a number as ASCII: other scripts' digits, full-width signs, all
// dashes and spaces. Invisible marks are dropped. The rest stays.
std::string AsciiSigns(absl::string_view text);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_TEXT_FOLD_H_
