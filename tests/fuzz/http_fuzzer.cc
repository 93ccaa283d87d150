// Fuzzes HTTP requests as they arrive: in pieces, pipelined, with any body.
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "core/base/utf8.h"
#include "server/http/http_message.h"
#include "server/http/request_reader.h"
#include "tests/fuzz/expect.h"

namespace portrait::fuzz {
namespace {

constexpr size_t kMaxHeaderBytes = 2048;

// The requests that were read from one connection.
class Reading {
 public:
  Reading() : reader_(kMaxHeaderBytes) { reader_.Next(); }

  void Add(absl::string_view bytes) {
    if (has_ended_) return;
    reader_.Append(bytes);
    while (!has_ended_ && (is_in_body_ ? ReadBody() : ReadHeader())) {
    }
  }
  const std::string& all() const { return all_; }

 private:
  // Each returns whether it went on.
  bool ReadHeader() {
    http::Request request;
    const absl::StatusOr<bool> complete = reader_.ReadHeader(&request);
    // Some requests are refused before their header is complete, others when it
    // is, which depends on the pieces.
    if (!complete.ok()) return End("");
    if (!*complete) return false;
    Expect(absl::StartsWith(request.path, "/") || request.path == "*",
           "a target is a path");
    http::DecodePercent(request.path);
    if (const auto query = http::ParseQuery(request.query)) {
      for (const auto& [name, value] : *query) {
        Expect(IsUtf8(name) && IsUtf8(value), "parameters are UTF-8");
      }
    }
    all_ += request.method + " " + request.path + " ";
    is_in_body_ = true;
    body_start_ = all_.size();
    return true;
  }
  bool ReadBody() {
    const absl::StatusOr<std::string> piece = reader_.ReadBody();
    if (!piece.ok()) {
      // Bytes before the error may not have been handed out.
      all_.resize(body_start_);
      return End("malformed");
    }
    all_ += *piece;
    if (!reader_.is_complete()) return !piece->empty();
    all_ += "\n";
    is_in_body_ = false;
    reader_.Next();
    return true;
  }
  bool End(const char* why) {
    all_ += why;
    has_ended_ = true;
    return false;
  }

  http::RequestReader reader_;
  std::string all_;
  size_t body_start_ = 0;
  bool is_in_body_ = false, has_ended_ = false;
};

}  // namespace
}  // namespace portrait::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  portrait::fuzz::Reading at_once, in_pieces;
  at_once.Add(bytes);
  for (const char byte : bytes) in_pieces.Add(absl::string_view(&byte, 1));
  portrait::fuzz::Expect(at_once.all() == in_pieces.all(),
                         "the same requests, however the bytes arrive");
  return 0;
}
