// HTTP requests and responses as values, and the syntax of their targets.
#ifndef PORTRAIT_SERVER_HTTP_HTTP_MESSAGE_H_
#define PORTRAIT_SERVER_HTTP_HTTP_MESSAGE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace portrait::http {

// Names and values in order.
using Fields = std::vector<std::pair<std::string, std::string>>;

// The first value of `name`, which is in lower case; "" if there is none.
absl::string_view FieldOf(const Fields& fields, absl::string_view name);

struct Request {
  std::string method;  // as sent: "GET"
  std::string path;    // as sent, without the query: "/v1/changes"
  std::string query;   // as sent, without the question mark
  Fields headers;      // names in lower case
  bool is_tls = false;

  absl::string_view Header(absl::string_view name) const {
    return FieldOf(headers, name);
  }
};

// The head of a response, and its body unless it is streamed.
struct Response {
  int status = 200;
  std::string content_type;  // empty: no body
  Fields headers;
  std::string body;
  // Of a streamed body, if it is known; else the body is sent in chunks.
  std::optional<uint64_t> body_bytes = std::nullopt;
};

// "Too Many Requests" for 429; "Status" for an unknown code.
absl::string_view ReasonPhrase(int status);

// Decodes %XX; nullopt if an escape is incomplete or the result is not UTF-8 or
// contains a zero byte.
std::optional<std::string> DecodePercent(absl::string_view text);

// The parameters of a query, in order: "a=1&b=x%20y". A plus sign is kept,
// since phone numbers begin with one. nullopt if a part cannot be decoded.
std::optional<Fields> ParseQuery(absl::string_view query);

// Whether `content_type` is `wanted`, such as "application/json", with or
// without parameters.
bool IsContentType(absl::string_view content_type, absl::string_view wanted);

// Whether the Accept header lists the media type by its full name.
bool Accepts(const Request& request, absl::string_view media_type);

}  // namespace portrait::http

#endif  // PORTRAIT_SERVER_HTTP_HTTP_MESSAGE_H_
