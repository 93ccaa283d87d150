// RequestReader turns received bytes into requests. It knows no sockets, so
// that a fuzzer can drive it.
#ifndef PORTRAIT_SERVER_HTTP_REQUEST_READER_H_
#define PORTRAIT_SERVER_HTTP_REQUEST_READER_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/http/http_message.h"

namespace portrait::http {

// Thread-compatible. After an error it must not be used, and the connection
// must be closed: the end of the request is not known.
class RequestReader {
 public:
  explicit RequestReader(size_t max_header_bytes);
  ~RequestReader();

  // Adds received bytes. Bytes after the current request belong to the next.
  void Append(absl::string_view bytes);
  // Drops all received bytes.
  void Drop() { received_.clear(); }
  // Begins the next request.
  void Next();

  // Whether the header is complete; `request` is then set.
  //
  // Errors: INVALID_ARGUMENT; error_status() is the HTTP status.
  absl::StatusOr<bool> ReadHeader(Request* request);
  int error_status() const { return error_status_; }

  // The next bytes of the body; empty if more must be received, or at its end.
  //
  // Errors: INVALID_ARGUMENT.
  absl::StatusOr<std::string> ReadBody();

  // All bytes have been used.
  bool is_empty() const { return received_.empty(); }
  // The header is complete, and Next has not been called since.
  bool has_request() const { return has_request_; }
  // The body is complete as well.
  bool is_complete() const;
  bool is_http_11() const { return is_http_11_; }
  bool keeps_alive() const { return keeps_alive_; }
  // Whether the caller waits for "100 Continue"; true only once.
  bool TakeExpectation();

 private:
  struct Parser;

  absl::Status Fail(int status, absl::string_view why);
  absl::Status CheckHeader(const Request& request);

  const size_t max_header_bytes_;
  std::string received_;
  std::unique_ptr<Parser> parser_;  // null until the first byte of a request
  bool has_request_ = false, is_http_11_ = true, keeps_alive_ = true;
  bool expects_continue_ = false;
  bool has_body_ = false;  // the parser has used bytes of the body
  // The parser has seen the size line of the last chunk, but not its end.
  bool awaits_trailer_ = false;
  int error_status_ = 400;
};

}  // namespace portrait::http

#endif  // PORTRAIT_SERVER_HTTP_REQUEST_READER_H_
