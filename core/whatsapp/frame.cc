#include "core/whatsapp/frame.h"

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace portrait::whatsapp {
namespace {

std::string BigEndian24(size_t number) {
  return {static_cast<char>(number >> 16), static_cast<char>(number >> 8),
          static_cast<char>(number)};
}

}  // namespace

std::string ConnectionPreamble(absl::string_view routing_info) {
  if (routing_info.empty() || routing_info.size() > kMaxFrameBytes) {
    return std::string(kConnectionHeader);
  }
  constexpr absl::string_view kRoutingHeader("ED\x00\x01", 4);
  return absl::StrCat(kRoutingHeader, BigEndian24(routing_info.size()),
                      routing_info, kConnectionHeader);
}

absl::StatusOr<std::string> EncodeFrame(absl::string_view payload) {
  if (payload.size() > kMaxFrameBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("frame: a payload of ", payload.size(),
                     " bytes, the limit is ", kMaxFrameBytes));
  }
  return absl::StrCat(BigEndian24(payload.size()), payload);
}

void FrameDecoder::Append(absl::string_view piece) {
  if (consumed_ == buffer_.size()) {
    buffer_.clear();
  } else {
    buffer_.erase(0, consumed_);
  }
  consumed_ = 0;
  buffer_.append(piece.data(), piece.size());
}

absl::StatusOr<std::optional<std::string>> FrameDecoder::NextFrame() {
  if (buffered_bytes() < kFrameHeaderBytes) return std::nullopt;
  size_t size = 0;
  for (size_t i = 0; i < kFrameHeaderBytes; ++i) {
    size = size << 8 | static_cast<uint8_t>(buffer_[consumed_ + i]);
  }
  if (size > max_frame_bytes_) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "frame: ", size, " bytes announced, the limit is ", max_frame_bytes_));
  }
  if (buffered_bytes() - kFrameHeaderBytes < size) return std::nullopt;
  std::string payload = buffer_.substr(consumed_ + kFrameHeaderBytes, size);
  consumed_ += kFrameHeaderBytes + size;
  return payload;
}

}  // namespace portrait::whatsapp
