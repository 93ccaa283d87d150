// Builds small JSON documents from text.
#ifndef PORTRAIT_SERVER_HTTP_JSON_BUILD_H_
#define PORTRAIT_SERVER_HTTP_JSON_BUILD_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace portrait::http {

// Names and values, where the values are JSON.
using JsonMembers = std::vector<std::pair<std::string, std::string>>;

std::string JsonText(absl::string_view text);
// JsonText, or null if `text` is empty.
std::string JsonTextOrNull(absl::string_view text);
std::string JsonBool(bool value);
std::string JsonObject(const JsonMembers& members);
std::string JsonArray(const std::vector<std::string>& values);

}  // namespace portrait::http

#endif  // PORTRAIT_SERVER_HTTP_JSON_BUILD_H_
