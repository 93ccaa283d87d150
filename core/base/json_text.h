// Writes pieces of JSON, for log and audit lines that are written one at a
// time.
#ifndef PORTRAIT_CORE_BASE_JSON_TEXT_H_
#define PORTRAIT_CORE_BASE_JSON_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace portrait {

// Appends `text` as a JSON string on one line: control characters are escaped,
// and invalid UTF-8 becomes "(not UTF-8)".
void AppendJsonText(absl::string_view text, std::string* json);

// Formats a time as "2026-11-21T18:20:29.123Z", without quotes.
std::string JsonTime(absl::Time time);

}  // namespace portrait

#endif  // PORTRAIT_CORE_BASE_JSON_TEXT_H_
