#include "core/image/image_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/sha256.h"
#include "core/image/pixels.h"
#include "core/image/testing/test_image.h"

namespace portrait {
namespace {

using ::testing::HasSubstr;

struct Expected {
  std::string file;
  uint32_t width = 0;
  uint32_t height = 0;
  std::string phash;
  std::string dhash;
  std::string look;
};

std::vector<Expected> ExpectedFacts() {
  std::vector<Expected> all;
  const std::string text = TestImage("hashes.csv");
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::vector<std::string> cells = absl::StrSplit(line, ',');
    if (cells.size() != 6 || cells[0] == "file") continue;
    Expected one{cells[0], 0, 0, cells[3], cells[4], cells[5]};
    EXPECT_TRUE(absl::SimpleAtoi(cells[1], &one.width));
    EXPECT_TRUE(absl::SimpleAtoi(cells[2], &one.height));
    all.push_back(one);
  }
  return all;
}

std::string HexOf(uint64_t hash) {
  return absl::StrCat(absl::Hex(hash, absl::kZeroPad16));
}

std::string LookName(ImageLook look) {
  if (look == ImageLook::kSilhouette) return "silhouette";
  return look == ImageLook::kBlank ? "blank" : "picture";
}

TEST(ImageFactsTest, EqualsWhatPythonsImagehashSaysOfEachFile) {
  const std::vector<Expected> all = ExpectedFacts();
  ASSERT_GT(all.size(), 20u);
  for (const Expected& expected : all) {
    SCOPED_TRACE(expected.file);
    const auto facts = ReadImage(TestImage(expected.file), ImageLimits());
    ASSERT_TRUE(facts.ok()) << facts.status();
    EXPECT_EQ(expected.width, facts->width);
    EXPECT_EQ(expected.height, facts->height);
    EXPECT_EQ(expected.dhash, HexOf(facts->dhash));
    EXPECT_EQ(expected.look, LookName(facts->look));
    // In a mirrored picture half of the transform is zero but for rounding.
    if (expected.look == "picture") {
      EXPECT_EQ(expected.phash, HexOf(facts->phash));
    }
  }
}

TEST(ImageFactsTest, TellsTheHashAndTheFormatOfTheBytes) {
  const std::string bytes = TestImage("lossy.webp");
  const auto facts = ReadImage(bytes, ImageLimits());
  ASSERT_TRUE(facts.ok());
  EXPECT_EQ(ImageFormat::kWebP, facts->format);
  EXPECT_EQ(bytes.size(), facts->bytes);
  EXPECT_EQ(
      absl::HexStringToBytes(
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      Sha256("abc"));
  EXPECT_EQ(Sha256(bytes), facts->sha256);
}

TEST(ImageFactsTest, RefusesEveryFileThatEndsEarly) {
  for (const char* name : {"photo1.jpg", "color.png", "lossy.webp"}) {
    const std::string bytes = TestImage(name);
    for (size_t parts = 0; parts < 32; ++parts) {
      const size_t size = bytes.size() * parts / 32;
      SCOPED_TRACE(absl::StrCat(name, " cut after byte ", size));
      EXPECT_EQ(
          absl::StatusCode::kInvalidArgument,
          ReadImage(bytes.substr(0, size), ImageLimits()).status().code());
    }
  }
}

TEST(ImageFactsTest, RefusesOtherFilesWhateverTheyAreCalled) {
  for (const absl::string_view bytes :
       {"", "GIF89a", "<svg xmlns='http://www.w3.org/2000/svg'/>", "\xFF\xD8",
        "RIFF\x10\x00\x00\x00WAVEfmt "}) {
    EXPECT_EQ(absl::StatusCode::kInvalidArgument,
              ReadImage(bytes, ImageLimits()).status().code());
  }
}

TEST(ImageFactsTest, RefusesAPictureBeyondALimitBeforeItTakesMemory) {
  // A header that claims 60,000 x 60,000 pixels, without any.
  std::string huge = TestImage("color.png");
  huge.replace(16, 8, std::string("\x00\x00\xEA\x60\x00\x00\xEA\x60", 8));
  EXPECT_FALSE(ReadImage(huge, ImageLimits()).ok());
  ImageLimits narrow;
  narrow.max_side = 100;
  ImageLimits few;
  few.max_pixels = 333 * 250;
  ImageLimits small;
  small.max_bytes = 100;
  for (const ImageLimits& limits : {narrow, few, small}) {
    const auto facts = ReadImage(TestImage("photo1.jpg"), limits);
    EXPECT_EQ(absl::StatusCode::kOutOfRange, facts.status().code());
    EXPECT_THAT(facts.status().message(), HasSubstr("at most"));
  }
}

TEST(ImageFactsTest, RefusesAJpegThatRepeatsItsScans) {
  const std::string bytes = TestImage("progressive.jpg");
  // The last scan, from its marker to the end of the image.
  const size_t last = bytes.rfind("\xFF\xDA");
  const size_t end = bytes.rfind("\xFF\xD9");
  std::string bomb = bytes.substr(0, end);
  for (int i = 0; i < 100; ++i) bomb += bytes.substr(last, end - last);
  EXPECT_FALSE(ReadImage(bomb + "\xFF\xD9", ImageLimits()).ok());
}

TEST(ImageFactsTest, MakesThumbnailsThatFitTheSideAndKeepTheShape) {
  for (const auto& [name, side, width, height] :
       {std::tuple{"photo0.jpg", kSmallThumbnail, 96u, 96u},
        {"photo0.jpg", kLargeThumbnail, 256u, 256u},
        {"photo1.jpg", kSmallThumbnail, 96u, 72u},
        {"photo3.jpg", kSmallThumbnail, 96u, 9u},
        {"ink.jpg", kSmallThumbnail, 95u, 96u},
        {"transparent.webp", kLargeThumbnail, 71u, 50u},
        {"grey.png", kSmallThumbnail, 71u, 50u}}) {
    SCOPED_TRACE(name);
    const auto thumbnail = MakeThumbnail(TestImage(name), side, ImageLimits());
    ASSERT_TRUE(thumbnail.ok()) << thumbnail.status();
    const auto pixels = DecodeJpeg(*thumbnail, ImageLimits());
    ASSERT_TRUE(pixels.ok()) << pixels.status();
    EXPECT_EQ(width, pixels->width);
    EXPECT_EQ(height, pixels->height);
  }
}

TEST(ImageFactsTest, AThumbnailLooksLikeItsPicture) {
  const std::string bytes = TestImage("photo0.jpg");
  const auto facts = ReadImage(bytes, ImageLimits());
  const auto thumbnail = MakeThumbnail(bytes, kLargeThumbnail, ImageLimits());
  ASSERT_TRUE(thumbnail.ok());
  const auto small = ReadImage(*thumbnail, ImageLimits());
  ASSERT_TRUE(small.ok());
  EXPECT_LE(__builtin_popcountll(facts->phash ^ small->phash), 2);
}

}  // namespace
}  // namespace portrait
