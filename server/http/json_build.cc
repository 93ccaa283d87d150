#include "server/http/json_build.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/base/json_text.h"

namespace portrait::http {

std::string JsonText(absl::string_view text) {
  std::string json;
  AppendJsonText(text, &json);
  return json;
}

std::string JsonTextOrNull(absl::string_view text) {
  return text.empty() ? "null" : JsonText(text);
}

std::string JsonBool(bool value) { return value ? "true" : "false"; }

std::string JsonObject(const JsonMembers& members) {
  return absl::StrCat("{",
                      absl::StrJoin(members, ",",
                                    [](std::string* out, const auto& member) {
                                      absl::StrAppend(out,
                                                      JsonText(member.first),
                                                      ":", member.second);
                                    }),
                      "}");
}

std::string JsonArray(const std::vector<std::string>& values) {
  return absl::StrCat("[", absl::StrJoin(values, ","), "]");
}

}  // namespace portrait::http
