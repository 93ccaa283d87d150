#include "server/http/request_reader.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"

namespace portrait::http {
namespace {

namespace beast_http = boost::beast::http;
using boost::system::error_code;

constexpr size_t kMaxFields = 100;
constexpr size_t kMaxPieceBytes = 16 << 10;
// Of a chunk's size line or of the trailer.
constexpr size_t kMaxFramingBytes = 16 << 10;
// "0\r\n\r\n". If the body has no other chunk, the parser has seen the first
// line of this and is called again with fewer bytes, an assertion of Boost 1.74
// fails.
constexpr size_t kMinLastChunkBytes = 5;

absl::string_view ViewOf(boost::beast::string_view text) {
  return absl::string_view(text.data(), text.size());
}

// "http://host/path" → "/path"; other targets are unchanged.
absl::string_view PathOf(absl::string_view target) {
  for (const absl::string_view scheme : {"http://", "https://"}) {
    if (!absl::StartsWithIgnoreCase(target, scheme)) continue;
    const size_t slash = target.find('/', scheme.size());
    return slash == absl::string_view::npos ? "/" : target.substr(slash);
  }
  return target;
}

// Whether a header that has arrived in part has a field whose value continues
// on the next line; the parser reads no such field before its next line.
bool HasFoldedField(absl::string_view received) {
  if (absl::StartsWith(received, "\r\n")) return false;  // the header's end
  size_t line = 0;
  while ((line = received.find('\n', line) + 1) != 0) {
    const char next = line < received.size() ? received[line] : '\r';
    if (next == ' ' || next == '\t') return true;
    if (next == '\r') return false;  // the header's end
  }
  return false;
}

}  // namespace

struct RequestReader::Parser
    : beast_http::request_parser<beast_http::buffer_body> {};

RequestReader::RequestReader(size_t max_header_bytes)
    : max_header_bytes_(max_header_bytes) {}
RequestReader::~RequestReader() = default;

void RequestReader::Append(absl::string_view bytes) {
  received_.append(bytes.data(), bytes.size());
}

void RequestReader::Next() {
  parser_ = nullptr;
  has_request_ = false;
  is_http_11_ = true;
  keeps_alive_ = true;
  expects_continue_ = false;
  has_body_ = awaits_trailer_ = false;
  // An idle connection keeps no memory.
  if (received_.empty()) received_.shrink_to_fit();
}

bool RequestReader::is_complete() const {
  return has_request_ && parser_->is_done();
}

bool RequestReader::TakeExpectation() {
  return std::exchange(expects_continue_, false);
}

absl::Status RequestReader::Fail(int status, absl::string_view why) {
  error_status_ = status;
  keeps_alive_ = false;
  return absl::InvalidArgumentError(why);
}

absl::StatusOr<bool> RequestReader::ReadHeader(Request* request) {
  if (received_.empty()) return false;
  if (parser_ == nullptr) {
    parser_ = std::make_unique<Parser>();
    parser_->header_limit(static_cast<uint32_t>(max_header_bytes_));
    // Handlers limit bodies.
    parser_->body_limit(std::numeric_limits<uint64_t>::max());
  }
  // The parser joins the lines, other servers end the field.
  if (HasFoldedField(received_)) {
    return Fail(400, "malformed HTTP request: a header field has two lines");
  }
  error_code ec;
  const size_t used =
      parser_->put(boost::asio::buffer(received_.data(), received_.size()), ec);
  received_.erase(0, used);
  if (ec == beast_http::error::header_limit) {
    return Fail(431, absl::StrCat("the request's header is larger than ",
                                  max_header_bytes_, " bytes"));
  }
  if (ec == beast_http::error::bad_version) {
    return Fail(505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
  }
  if (ec && ec != beast_http::error::need_more) {
    return Fail(400, absl::StrCat("malformed HTTP request: ", ec.message()));
  }
  if (!parser_->is_header_done()) {
    if (received_.size() < max_header_bytes_) return false;
    return Fail(431, absl::StrCat("the request's header is larger than ",
                                  max_header_bytes_, " bytes"));
  }
  const auto& message = parser_->get();
  *request = {};
  request->method = std::string(ViewOf(message.method_string()));
  const absl::string_view target = PathOf(ViewOf(message.target()));
  const size_t question = target.find('?');
  request->path = std::string(target.substr(0, question));
  if (question != absl::string_view::npos) {
    request->query = std::string(target.substr(question + 1));
  }
  for (const auto& field : message) {
    request->headers.emplace_back(
        absl::AsciiStrToLower(ViewOf(field.name_string())),
        std::string(ViewOf(field.value())));
  }
  is_http_11_ = message.version() == 11;
  keeps_alive_ = message.keep_alive();
  RETURN_IF_ERROR(CheckHeader(*request));
  expects_continue_ =
      is_http_11_ && !parser_->is_done() &&
      absl::EqualsIgnoreCase(request->Header("expect"), "100-continue");
  has_request_ = true;
  parser_->eager(true);
  return true;
}

// Refuses what a proxy in front could understand differently.
absl::Status RequestReader::CheckHeader(const Request& request) {
  if (request.headers.size() > kMaxFields) {
    return Fail(431, absl::StrCat("the request has more than ", kMaxFields,
                                  " header fields"));
  }
  size_t hosts = 0, lengths = 0, encodings = 0;
  for (const auto& [name, value] : request.headers) {
    hosts += name == "host";
    lengths += name == "content-length";
    encodings += name == "transfer-encoding";
  }
  if (hosts > 1 || (hosts == 0 && is_http_11_)) {
    return Fail(400, "the request needs one Host header");
  }
  if (lengths + encodings > 1) {
    return Fail(400, "the length of the request's body is ambiguous");
  }
  const absl::string_view length = request.Header("content-length");
  if (!std::all_of(length.begin(), length.end(), absl::ascii_isdigit)) {
    return Fail(400, "Content-Length: expected one number");
  }
  if (encodings == 1 &&
      (!is_http_11_ || !absl::EqualsIgnoreCase(
                           request.Header("transfer-encoding"), "chunked"))) {
    return Fail(501, "the only Transfer-Encoding served is chunked");
  }
  if (request.path.empty() || (request.path[0] != '/' && request.path != "*")) {
    return Fail(400, "the request's target is not a path");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> RequestReader::ReadBody() {
  std::array<char, kMaxPieceBytes> piece;
  if (parser_->is_done()) return std::string();
  if (awaits_trailer_ && received_.size() < kMinLastChunkBytes) {
    return std::string();
  }
  awaits_trailer_ = false;
  auto& body = parser_->get().body();
  body.data = piece.data();
  body.size = piece.size();
  body.more = true;
  size_t free = piece.size();
  while (!received_.empty() && !parser_->is_done()) {
    error_code ec;
    const size_t used = parser_->put(
        boost::asio::buffer(received_.data(), received_.size()), ec);
    received_.erase(0, used);
    has_body_ |= used > 0;
    free = body.size;
    if (ec == beast_http::error::need_buffer) break;
    if (ec && ec != beast_http::error::need_more) {
      return Fail(400, absl::StrCat("malformed request body: ", ec.message()));
    }
    if (used == 0) {
      // The size line of a chunk with data would have been used.
      awaits_trailer_ =
          !has_body_ && received_.find("\r\n", 1) != std::string::npos;
      if (received_.size() <= kMaxFramingBytes) break;
      return Fail(400, "malformed request body: a chunk's header is too long");
    }
  }
  body.data = nullptr;
  return std::string(piece.data(), piece.size() - free);
}

}  // namespace portrait::http
