// The bytes of responses in HTTP/1.1.
#ifndef PORTRAIT_SERVER_HTTP_RESPONSE_WRITER_H_
#define PORTRAIT_SERVER_HTTP_RESPONSE_WRITER_H_

#include <string>

#include "absl/strings/string_view.h"
#include "server/http/http_message.h"

namespace portrait::http {

// A response with its body; `is_head`: without the body, for a HEAD request.
std::string WholeResponse(const Response& response, bool is_head,
                          bool will_close);

// The head of a response whose body follows in chunks, or, for HTTP/1.0, until
// the connection is closed.
std::string StreamHead(const Response& head, bool is_chunked, bool will_close);

// One chunk; `piece` is not empty.
std::string Chunk(absl::string_view piece);
inline constexpr absl::string_view kLastChunk = "0\r\n\r\n";

}  // namespace portrait::http

#endif  // PORTRAIT_SERVER_HTTP_RESPONSE_WRITER_H_
