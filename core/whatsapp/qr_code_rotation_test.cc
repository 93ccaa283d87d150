#include "core/whatsapp/qr_code_rotation.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace portrait::whatsapp {
namespace {

constexpr absl::Time kStart = absl::UnixEpoch();

Node PairDevice(const std::vector<std::string>& refs) {
  Node pair_device = MakeNode("pair-device");
  for (const std::string& ref : refs) {
    pair_device.AddChild(MakeNode("ref", {}, Node::Bytes{ref}));
  }
  return pair_device;
}

TEST(QrCodeRotationTest, TheFirstRefIsShownForAMinuteTheOthersFor20Seconds) {
  QrCodeRotation codes;
  EXPECT_FALSE(codes.started());
  EXPECT_FALSE(codes.exhausted());
  codes.Start(PairDevice({"a", "b", "c"}), kStart);
  const struct {
    int second;
    const char* ref;
  } cases[] = {{0, "a"}, {59, "a"}, {60, "b"}, {79, "b"}, {80, "c"}, {99, "c"}};
  for (const auto& one : cases) {
    SCOPED_TRACE(one.second);
    codes.MoveOn(kStart + absl::Seconds(one.second));
    EXPECT_EQ(codes.ref(), one.ref);
  }
  EXPECT_TRUE(codes.on_last());
  EXPECT_FALSE(codes.exhausted());
  codes.MoveOn(kStart + absl::Seconds(100));
  EXPECT_TRUE(codes.exhausted());
  EXPECT_FALSE(codes.NeedsDrawing());
}

TEST(QrCodeRotationTest, ShowsEachRefOnceAndAgainIfRequested) {
  QrCodeRotation codes;
  EXPECT_FALSE(codes.NeedsDrawing());
  codes.Start(PairDevice({"a", "b"}), kStart);
  EXPECT_TRUE(codes.NeedsDrawing());
  codes.Drawn();
  codes.MoveOn(kStart + absl::Seconds(59));
  EXPECT_FALSE(codes.NeedsDrawing());
  codes.DrawAgain();
  EXPECT_TRUE(codes.NeedsDrawing());
  EXPECT_EQ(codes.ref(), "a");
  codes.Drawn();
  codes.MoveOn(kStart + absl::Seconds(60));
  EXPECT_TRUE(codes.NeedsDrawing());
  EXPECT_EQ(codes.expires_at(), kStart + absl::Seconds(80));
}

TEST(QrCodeRotationTest, SkipsRefsThatAQrCodeCannotContain) {
  QrCodeRotation codes;
  codes.Start(PairDevice({"", "with,comma", "with space", "line\n",
                          std::string(5000, 'x'), "good"}),
              kStart);
  EXPECT_EQ(codes.ref(), "good");
  EXPECT_TRUE(codes.on_last());
}

}  // namespace
}  // namespace portrait::whatsapp
