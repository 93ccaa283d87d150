// UTF-8 as RFC 3629 has it: no overlong forms, no surrogates.
#ifndef PORTRAIT_CLIENT_UTF8_H_
#define PORTRAIT_CLIENT_UTF8_H_

#include <cstddef>

#include "absl/strings/string_view.h"

namespace portrait::client {

// Bytes of the well-formed character that `text` begins with; 0 when it begins
// with none.
size_t Utf8CharacterSize(absl::string_view text);

bool IsValidUtf8(absl::string_view text);

}  // namespace portrait::client

#endif  // PORTRAIT_CLIENT_UTF8_H_
