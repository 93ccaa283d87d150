// Frames cut the byte stream into messages.
//
//   frame = length (3 bytes, big-endian, < 2^24) payload (length bytes)
#ifndef PORTRAIT_CORE_WHATSAPP_FRAME_H_
#define PORTRAIT_CORE_WHATSAPP_FRAME_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace portrait::whatsapp {

inline constexpr size_t kFrameHeaderBytes = 3;
inline constexpr size_t kMaxFrameBytes = (1u << 24) - 1;

// What a client sends before its first frame, in the same message: "WA", the
// protocol's magic 6 and dictionary version 3. Also the Noise prologue.
inline constexpr absl::string_view kConnectionHeader("WA\x06\x03", 4);

// `routing_info` (from <edge_routing>) goes before the header when not empty.
std::string ConnectionPreamble(absl::string_view routing_info);

// Errors: INVALID_ARGUMENT when the payload does not fit a frame.
absl::StatusOr<std::string> EncodeFrame(absl::string_view payload);

// Gathers frames from pieces cut anywhere. Thread-compatible.
class FrameDecoder {
 public:
  // `max_frame_bytes` bounds what one frame may make us hold.
  explicit FrameDecoder(size_t max_frame_bytes = kMaxFrameBytes)
      : max_frame_bytes_(max_frame_bytes) {}

  void Append(absl::string_view piece);

  // The next whole frame's payload, or nothing until more has come.
  //
  // Errors: RESOURCE_EXHAUSTED when a frame announces more than the limit; the
  // connection is then of no more use.
  absl::StatusOr<std::optional<std::string>> NextFrame();

  size_t buffered_bytes() const { return buffer_.size() - consumed_; }

 private:
  const size_t max_frame_bytes_;
  std::string buffer_;
  size_t consumed_ = 0;
};

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_FRAME_H_
