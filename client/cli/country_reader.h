// Recognizes the country in a cell of a list.
#ifndef PORTRAIT_CLIENT_CLI_COUNTRY_READER_H_
#define PORTRAIT_CLIENT_CLI_COUNTRY_READER_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace portrait::cli {

// Returns the two-letter code of the country that `cell` names: "DE", "deu",
// "+49", "49", "Germany", "Deutschland", "Alemania", "Germany (+49)", "UK".
// Returns nothing if the country is not certain. Thread-safe.
std::optional<std::string> ReadCountry(absl::string_view cell);

// Like ReadCountry, for a dial code with its sign: "+49", "0049".
std::optional<std::string> ReadSignedDialCode(absl::string_view cell);

// The digits of a cell that is a dial code and nothing else: "49" of "+49",
// "0049" and "49".
std::optional<std::string> DialCodeDigits(absl::string_view cell);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_COUNTRY_READER_H_
