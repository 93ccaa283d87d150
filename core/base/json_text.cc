#include "core/base/json_text.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "core/base/utf8.h"

namespace portrait {

void AppendJsonText(absl::string_view text, std::string* json) {
  if (!IsUtf8(text)) text = "(not UTF-8)";
  json->push_back('"');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      json->push_back('\\');
      json->push_back(c);
    } else if (absl::ascii_iscntrl(byte)) {
      absl::StrAppendFormat(json, "\\u%04x", byte);
    } else {
      json->push_back(c);
    }
  }
  json->push_back('"');
}

std::string JsonTime(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d%ET%H:%M:%E3SZ", time, absl::UTCTimeZone());
}

}  // namespace portrait
