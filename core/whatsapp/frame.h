// Frames divide the byte stream into messages.
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

// A client sends this before its first frame, in the same message: "WA", the
// protocol's magic 6 and dictionary version 3. It is also the Noise prologue.
inline constexpr absl::string_view kConnectionHeader("WA\x06\x03", 4);

// The header, preceded by `routing_info` (from <edge_routing>) if that is not
// empty.
std::string ConnectionPreamble(absl::string_view routing_info);

// Errors: INVALID_ARGUMENT if the payload does not fit into a frame.
absl::StatusOr<std::string> EncodeFrame(absl::string_view payload);

// Assembles frames from pieces of the stream. Thread-compatible.
class FrameDecoder {
 public:
  // A frame that announces more than `max_frame_bytes` is an error.
  explicit FrameDecoder(size_t max_frame_bytes = kMaxFrameBytes)
      : max_frame_bytes_(max_frame_bytes) {}

  void Append(absl::string_view piece);

  // Returns the payload of the next complete frame, or nothing until more data
  // has been added.
  //
  // Errors: RESOURCE_EXHAUSTED if a frame announces more than the limit; the
  // connection is then unusable.
  absl::StatusOr<std::optional<std::string>> NextFrame();

  size_t buffered_bytes() const { return buffer_.size() - consumed_; }

 private:
  const size_t max_frame_bytes_;
  std::string buffer_;
  size_t consumed_ = 0;
};

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_FRAME_H_
