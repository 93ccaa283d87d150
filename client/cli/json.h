// The little JSON that a command line needs: reading one object of a JSON Lines
// file without losing how its values were written, and writing strings.
#ifndef PORTRAIT_CLIENT_CLI_JSON_H_
#define PORTRAIT_CLIENT_CLI_JSON_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace portrait::cli {

struct JsonMember {
  std::string key;  // decoded
  std::string raw;  // the value as written: 12345678901234567890 stays that
};

// Errors: INVALID_ARGUMENT saying where and why `text` is not one JSON object.
absl::StatusOr<std::vector<JsonMember>> ParseJsonObject(absl::string_view text);

// What a value means as text: a string without its quotes and escapes, nothing
// for null, anything else as written. Requires a value of ParseJsonObject.
std::string JsonText(absl::string_view raw);

// A JSON string. Bytes that are not UTF-8 become U+FFFD.
std::string JsonQuote(absl::string_view text);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_JSON_H_
