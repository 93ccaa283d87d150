// UTF-8 as RFC 3629 defines it: no overlong forms, no surrogates, nothing above
// U+10FFFF. U+0000 is valid.
#ifndef PORTRAIT_CORE_BASE_UTF8_H_
#define PORTRAIT_CORE_BASE_UTF8_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace portrait {

// The size in bytes of the character at the start of `text`; 0 if it is
// invalid.
size_t Utf8CharacterSize(absl::string_view text);
// The code point of one valid character.
uint32_t Utf8CodePoint(absl::string_view character);

bool IsUtf8(absl::string_view text);

// Replaces each invalid byte of `text` by U+FFFD. Protobuf writes a string
// field with invalid bytes but then refuses to read it, so a contact's name
// could make its stored record unreadable.
std::string ValidUtf8(absl::string_view text);

// Makes untrusted text safe for our messages: valid UTF-8 on one line, control
// characters replaced by '?', cut to at most `max_bytes`.
std::string Presentable(absl::string_view text, size_t max_bytes);

}  // namespace portrait

#endif  // PORTRAIT_CORE_BASE_UTF8_H_
