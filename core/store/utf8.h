// Text from the network made fit for protobuf.
#ifndef PORTRAIT_CORE_STORE_UTF8_H_
#define PORTRAIT_CORE_STORE_UTF8_H_

#include <string>

#include "absl/strings/string_view.h"

namespace portrait {

// `text` with each byte that is no part of valid UTF-8 replaced by U+FFFD.
// Protobuf writes a string field with such bytes and then refuses to read it:
// a contact's name must not make its record unreadable.
std::string ValidUtf8(absl::string_view text);

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_UTF8_H_
