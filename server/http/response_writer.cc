#include "server/http/response_writer.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace portrait::http {
namespace {

// A header's value may come from a caller or from the store; a line break would
// begin another header.
void AppendOneLine(absl::string_view value, std::string* head) {
  const size_t start = head->size();
  head->append(value.data(), value.size());
  std::replace_if(
      head->begin() + static_cast<ptrdiff_t>(start), head->end(),
      [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, ' ');
}

// Responses hold personal data, and nothing of them is for a page to frame or
// to guess the type of.
constexpr absl::string_view kSafeHeaders =
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n";

constexpr size_t kUsualHeadBytes = 512;

// The time as HTTP writes it, made once per second and thread.
const std::string& Date() {
  thread_local int64_t last = 0;
  thread_local std::string date;
  const int64_t now = absl::ToUnixSeconds(absl::Now());
  if (now != last) {
    date = absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT",
                            absl::FromUnixSeconds(now), absl::UTCTimeZone());
    last = now;
  }
  return date;
}

// With room for `body_bytes` more.
std::string Head(const Response& response, bool will_close,
                 size_t body_bytes = 0) {
  std::string head;
  head.reserve(kUsualHeadBytes + body_bytes);
  absl::StrAppend(&head, "HTTP/1.1 ", response.status, " ",
                  ReasonPhrase(response.status), "\r\nDate: ", Date(), "\r\n",
                  kSafeHeaders);
  if (!response.content_type.empty()) {
    absl::StrAppend(&head, "Content-Type: ", response.content_type, "\r\n");
  }
  bool has_cache_control = false;
  for (const auto& [name, value] : response.headers) {
    absl::StrAppend(&head, name, ": ");
    AppendOneLine(value, &head);
    head += "\r\n";
    has_cache_control |= name == "Cache-Control";
  }
  if (!has_cache_control) absl::StrAppend(&head, "Cache-Control: no-store\r\n");
  if (will_close) absl::StrAppend(&head, "Connection: close\r\n");
  return head;
}

}  // namespace

std::string WholeResponse(const Response& response, bool is_head,
                          bool will_close) {
  std::string bytes = Head(response, will_close, response.body.size());
  const bool may_have_body = response.status != 204 && response.status != 304;
  if (may_have_body) {
    absl::StrAppend(&bytes, "Content-Length: ", response.body.size(), "\r\n");
  }
  bytes += "\r\n";
  if (may_have_body && !is_head) bytes += response.body;
  return bytes;
}

std::string StreamHead(const Response& head, bool is_chunked, bool will_close) {
  return absl::StrCat(
      Head(head, will_close),
      head.body_bytes.has_value()
          ? absl::StrCat("Content-Length: ", *head.body_bytes, "\r\n")
          : "",
      is_chunked ? "Transfer-Encoding: chunked\r\n" : "", "\r\n");
}

std::string Chunk(absl::string_view piece) {
  return absl::StrCat(absl::Hex(piece.size()), "\r\n", piece, "\r\n");
}

}  // namespace portrait::http
