#include "server/http/envelope.h"

#include <cstddef>

#include "absl/strings/str_cat.h"

namespace portrait::http {
namespace {

constexpr size_t kEnvelopeBytes = 5;
constexpr uint8_t kCompressed = 0x01;

}  // namespace

std::string Envelope(uint8_t flags, absl::string_view message) {
  std::string envelope(1, static_cast<char>(flags));
  for (int shift = 24; shift >= 0; shift -= 8) {
    envelope.push_back(static_cast<char>(message.size() >> shift));
  }
  absl::StrAppend(&envelope, message);
  return envelope;
}

absl::StatusOr<std::string> OpenEnvelope(absl::string_view body) {
  uint32_t size = 0;
  if (body.size() < kEnvelopeBytes) {
    return absl::InvalidArgumentError("the request's envelope is incomplete");
  }
  for (size_t i = 1; i < kEnvelopeBytes; ++i) {
    size = size << 8 | static_cast<uint8_t>(body[i]);
  }
  const auto flags = static_cast<uint8_t>(body[0]);
  if ((flags & kCompressed) != 0) {
    return absl::InternalError(
        "the request's message is compressed, and no encoding is named");
  }
  if (flags != 0) {
    return absl::InvalidArgumentError(
        "the request's envelope has unknown flags");
  }
  body.remove_prefix(kEnvelopeBytes);
  if (body.size() != size) {
    return absl::InvalidArgumentError(
        "expected one message, of the size that its envelope says");
  }
  return std::string(body);
}

}  // namespace portrait::http
