// Fuzzes a stream of frames, divided at any position: the pieces must give the
// same frames as the whole stream.
//
// Input: a byte that determines the size of the pieces, then the stream.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/whatsapp/frame.h"
#include "tests/fuzz/expect.h"

namespace portrait::fuzz {
namespace {

using whatsapp::FrameDecoder;

// Small enough that hostile lengths exceed it.
constexpr size_t kMaxFrameBytes = 64 * 1024;
// The cost of cutting at every byte is quadratic in the size.
constexpr size_t kMaxCutBytes = 256;

struct Outcome {
  std::vector<std::string> frames;
  bool refused = false;
  bool operator==(const Outcome&) const = default;
};

void TakeFrames(FrameDecoder& decoder, Outcome* outcome) {
  while (!outcome->refused) {
    auto frame = decoder.NextFrame();
    if (!frame.ok()) ExpectPresentable(frame.status());
    outcome->refused = !frame.ok();
    if (outcome->refused || !frame->has_value()) return;
    outcome->frames.push_back(**std::move(frame));
  }
}

Outcome ReadPieces(absl::string_view stream, size_t first, size_t each) {
  FrameDecoder decoder(kMaxFrameBytes);
  Outcome outcome;
  decoder.Append(stream.substr(0, first));
  TakeFrames(decoder, &outcome);
  for (size_t at = first; at < stream.size(); at += each) {
    decoder.Append(stream.substr(at, each));
    TakeFrames(decoder, &outcome);
    Expect(decoder.buffered_bytes() <= stream.size(), "it holds what came");
  }
  return outcome;
}

void Run(absl::string_view input) {
  if (input.empty()) return;
  const size_t each = static_cast<unsigned char>(input[0]) + 1;
  const absl::string_view stream = input.substr(1);
  const Outcome whole = ReadPieces(stream, stream.size(), 1);
  Expect(ReadPieces(stream, 0, each) == whole, "pieces of one size");
  for (size_t cut = 0; cut < std::min(stream.size(), kMaxCutBytes); ++cut) {
    Expect(ReadPieces(stream, cut, stream.size()) == whole, "any cut point");
  }
  // The encoder must write the frames that were read.
  std::string again;
  for (const std::string& frame : whole.frames) {
    again += whatsapp::EncodeFrame(frame).value();
  }
  Expect(stream.substr(0, again.size()) == again, "frames encode as they came");
}

}  // namespace
}  // namespace portrait::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  portrait::fuzz::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
