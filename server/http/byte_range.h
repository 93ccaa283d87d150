// The Range header (RFC 9110, section 14): one range of bytes.
#ifndef PORTRAIT_SERVER_HTTP_BYTE_RANGE_H_
#define PORTRAIT_SERVER_HTTP_BYTE_RANGE_H_

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace portrait::http {

struct ByteRange {
  uint64_t first = 0;
  uint64_t end = 0;  // the byte after the last one; first: none can be sent
};

// The range of a body of `size` bytes that the header asks for; nothing: the
// whole body, because the header is empty, malformed, or has several ranges.
std::optional<ByteRange> ParseByteRange(absl::string_view header,
                                        uint64_t size);

}  // namespace portrait::http

#endif  // PORTRAIT_SERVER_HTTP_BYTE_RANGE_H_
