// A minimal JSON parser and writer: it reads one object of a JSON Lines file
// and keeps its values as they were written, and writes strings.
#ifndef PORTRAIT_CLIENT_CLI_JSON_H_
#define PORTRAIT_CLIENT_CLI_JSON_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace portrait::cli {

struct JsonMember {
  std::string key;  // decoded
  std::string raw;  // as written: 12345678901234567890 is not rounded
};

// Errors: INVALID_ARGUMENT with the position and the reason if `text` is not
// one JSON object.
absl::StatusOr<std::vector<JsonMember>> ParseJsonObject(absl::string_view text);

// The text of a value: a string without its quotes and escapes, nothing for
// null, any other value as written. Requires a value of ParseJsonObject.
std::string JsonText(absl::string_view raw);

// A JSON string. Bytes that are not UTF-8 become U+FFFD.
std::string JsonQuote(absl::string_view text);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_JSON_H_
