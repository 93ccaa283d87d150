// UTF-8 according to RFC 3629: overlong forms and surrogates are invalid.
#ifndef PORTRAIT_CLIENT_UTF8_H_
#define PORTRAIT_CLIENT_UTF8_H_

#include <cstddef>

#include "absl/strings/string_view.h"

namespace portrait::client {

// Returns the size in bytes of the valid character at the start of `text`, or 0
// if there is none.
size_t Utf8CharacterSize(absl::string_view text);

bool IsValidUtf8(absl::string_view text);

}  // namespace portrait::client

#endif  // PORTRAIT_CLIENT_UTF8_H_
