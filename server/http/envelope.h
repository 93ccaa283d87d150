// The envelopes of Connect's streams and of gRPC-Web: each message is preceded
// by one byte of flags and its size.
//
//   +-------+----------------+---------+
//   | flags | size, 4 bytes, | message |
//   |       | big-endian     |         |
//   +-------+----------------+---------+
#ifndef PORTRAIT_SERVER_HTTP_ENVELOPE_H_
#define PORTRAIT_SERVER_HTTP_ENVELOPE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace portrait::http {

// The end of a stream, with its status.
inline constexpr uint8_t kConnectEnd = 0x02, kGrpcWebTrailer = 0x80;

std::string Envelope(uint8_t flags, absl::string_view message);

// The only message of a body.
//
// Errors: INVALID_ARGUMENT if the body is not exactly one envelope; INTERNAL if
// its message is compressed.
absl::StatusOr<std::string> OpenEnvelope(absl::string_view body);

}  // namespace portrait::http

#endif  // PORTRAIT_SERVER_HTTP_ENVELOPE_H_
