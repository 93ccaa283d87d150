#include "core/whatsapp/frame.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace portrait::whatsapp {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> AllFrames(FrameDecoder* decoder) {
  std::vector<std::string> frames;
  while (true) {
    absl::StatusOr<std::optional<std::string>> frame = decoder->NextFrame();
    EXPECT_TRUE(frame.ok()) << frame.status();
    if (!frame.ok() || !frame->has_value()) return frames;
    frames.push_back(**std::move(frame));
  }
}

TEST(FrameTest, PutsALengthOfThreeBytesBeforeThePayload) {
  EXPECT_EQ(*EncodeFrame(""), std::string("\0\0\0", 3));
  EXPECT_EQ(*EncodeFrame("abc"), std::string("\0\0\3abc", 6));
  const std::string large(70000, 'x');
  EXPECT_EQ(*EncodeFrame(large), absl::StrCat("\x01\x11\x70", large));
}

TEST(FrameTest, HoldsAtMostWhatThreeBytesCount) {
  EXPECT_TRUE(EncodeFrame(std::string(kMaxFrameBytes, 'x')).ok());
  EXPECT_EQ(EncodeFrame(std::string(kMaxFrameBytes + 1, 'x')).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(FrameTest, TheConnectionOpensWithItsHeaderAndPerhapsRoutingInfo) {
  EXPECT_EQ(absl::BytesToHexString(ConnectionPreamble("")), "57410603");
  EXPECT_EQ(absl::BytesToHexString(ConnectionPreamble("\x08\x06")),
            "45440001000002080657410603");
}

TEST(FrameDecoderTest, ReassemblesAFrameCutAtAnyByte) {
  const std::string wire =
      absl::StrCat(*EncodeFrame("twenty bytes of data"), *EncodeFrame(""));
  for (size_t cut = 0; cut <= wire.size(); ++cut) {
    SCOPED_TRACE(absl::StrCat("cut after byte ", cut));
    FrameDecoder decoder;
    decoder.Append(wire.substr(0, cut));
    std::vector<std::string> frames = AllFrames(&decoder);
    decoder.Append(wire.substr(cut));
    for (std::string& frame : AllFrames(&decoder)) {
      frames.push_back(std::move(frame));
    }
    EXPECT_THAT(frames, ElementsAre("twenty bytes of data", ""));
    EXPECT_EQ(decoder.buffered_bytes(), 0);
  }
}

TEST(FrameDecoderTest, TakesBytesOneByOne) {
  FrameDecoder decoder;
  std::vector<std::string> frames;
  for (char byte : absl::StrCat(*EncodeFrame("one"), *EncodeFrame("two"))) {
    decoder.Append(absl::string_view(&byte, 1));
    for (std::string& frame : AllFrames(&decoder)) {
      frames.push_back(std::move(frame));
    }
  }
  EXPECT_THAT(frames, ElementsAre("one", "two"));
}

TEST(FrameDecoderTest, GivesAllFramesOfOnePiece) {
  FrameDecoder decoder;
  decoder.Append(absl::StrCat(*EncodeFrame("one"), *EncodeFrame("two"),
                              EncodeFrame("three")->substr(0, 4)));
  EXPECT_THAT(AllFrames(&decoder), ElementsAre("one", "two"));
  EXPECT_EQ(decoder.buffered_bytes(), 4);
}

TEST(FrameDecoderTest, RefusesAFrameOverItsLimitBeforeHoldingIt) {
  FrameDecoder decoder(/*max_frame_bytes=*/10);
  decoder.Append(*EncodeFrame("0123456789"));
  EXPECT_THAT(AllFrames(&decoder), ElementsAre("0123456789"));
  decoder.Append(std::string("\0\0\x0b", 3));
  EXPECT_EQ(decoder.NextFrame().status().code(),
            absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace portrait::whatsapp
