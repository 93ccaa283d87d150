// Reads which country a cell of a list names.
#ifndef PORTRAIT_CLIENT_CLI_COUNTRY_READER_H_
#define PORTRAIT_CLIENT_CLI_COUNTRY_READER_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace portrait::cli {

// The two-letter code of the country that `cell` names: "DE", "deu", "+49",
// "49", "Germany", "Deutschland", "Alemania", "Germany (+49)", "UK". Nothing
// if it is not certain which one is meant. Thread-safe.
std::optional<std::string> ReadCountry(absl::string_view cell);

// The same for a dial code with its sign: "+49", "0049".
std::optional<std::string> ReadSignedDialCode(absl::string_view cell);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_COUNTRY_READER_H_
