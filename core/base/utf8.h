// UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above
// U+10FFFF. U+0000 is a character like others.
#ifndef PORTRAIT_CORE_BASE_UTF8_H_
#define PORTRAIT_CORE_BASE_UTF8_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace portrait {

// Bytes of the character that `text` begins with; 0 when it begins with none.
size_t Utf8CharacterSize(absl::string_view text);

bool IsUtf8(absl::string_view text);

// `text` with each byte that is no part of a character replaced by U+FFFD.
// Protobuf writes a string field with such bytes and then refuses to read it:
// a contact's name must not make its record unreadable.
std::string ValidUtf8(absl::string_view text);

// A stranger's text as part of a message of ours: valid, one line, control
// characters as '?', and cut after at most `max_bytes`.
std::string Presentable(absl::string_view text, size_t max_bytes);

}  // namespace portrait

#endif  // PORTRAIT_CORE_BASE_UTF8_H_
