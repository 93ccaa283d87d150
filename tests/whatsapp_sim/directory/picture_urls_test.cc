#include "tests/whatsapp_sim/directory/picture_urls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/clock.h"
#include "tests/whatsapp_sim/directory/jpeg.h"

namespace portrait::sim {
namespace {

using ::testing::MatchesRegex;

const PictureFile kFile{42, "1763716800", kImagePixels};

class PictureUrlsTest : public ::testing::Test {
 protected:
  PictureUrls::Options options() {
    PictureUrls::Options options;
    options.base_url = "http://127.0.0.1:1234";
    options.key = "a secret";
    options.life = absl::Hours(1);
    options.clock = clock_.clock();
    return options;
  }

  ManualClock clock_{absl::FromUnixSeconds(0x67A1B2C3)};
  const PictureUrls urls_{options()};
};

TEST_F(PictureUrlsTest, LooksLikeWhatsAppsUrl) {
  EXPECT_THAT(urls_.Sign(kFile).url,
              MatchesRegex("http://127\\.0\\.0\\.1:1234/v/t61\\.24694-24/"
                           "[0-9_]+_n\\.jpg\\?ccb=11-4&oh=01_[A-Za-z0-9_-]+"
                           "&oe=67A1C0D3&_nc_sid=5e03e0&.*"));
}

TEST_F(PictureUrlsTest, DiffersAtEachCallAndLeadsToTheSameFile) {
  const PictureUrls::Signed first = urls_.Sign(kFile);
  const PictureUrls::Signed second = urls_.Sign(kFile);
  EXPECT_NE(first.url, second.url);
  for (const std::string& path : {first.direct_path, second.direct_path}) {
    const absl::StatusOr<PictureFile> file = urls_.Check(path);
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_EQ(kFile, *file);
  }
}

TEST_F(PictureUrlsTest, ExpiresWhenItSays) {
  const std::string path = urls_.Sign(kFile).direct_path;
  clock_.Advance(absl::Hours(1) - absl::Seconds(1));
  EXPECT_TRUE(urls_.Check(path).ok());
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(absl::PermissionDeniedError("URL signature expired"),
            urls_.Check(path).status());
}

TEST_F(PictureUrlsTest, AnyChangeBreaksTheSignature) {
  const std::string path = urls_.Sign(kFile).direct_path;
  const size_t parameters = path.find('?') + 1;
  for (size_t i = 0; i < path.size(); ++i) {
    SCOPED_TRACE(absl::StrCat("byte ", i));
    std::string changed = path;
    changed[i] = changed[i] == '1' ? '2' : '1';
    const absl::Status status = urls_.Check(changed).status();
    EXPECT_TRUE(absl::IsPermissionDenied(status) ||
                (i < parameters && absl::IsNotFound(status)))
        << status;
  }
  EXPECT_TRUE(absl::IsPermissionDenied(
      urls_.Check(absl::StrCat(path, "&oe=7FFFFFFF")).status()));
}

TEST_F(PictureUrlsTest, OtherPathsAreNotFound) {
  for (const char* path : {"/", "/v/t61.24694-24/", "/v/t61.24694-24/1_n.jpg",
                           "/v/t61.24694-24/1_2_641_n.jpg", "/favicon.ico"}) {
    EXPECT_TRUE(absl::IsNotFound(urls_.Check(path).status())) << path;
  }
}

// Reads a JPEG's segments up to the scan, with its width and height.
struct JpegSize {
  int width = 0, height = 0;
  size_t scan_start = 0;
};

JpegSize ReadHeader(const std::string& jpeg) {
  JpegSize size;
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(jpeg.at(i)); };
  size_t at = 2;
  for (;;) {
    EXPECT_EQ(0xff, byte(at));
    const int marker = byte(at + 1);
    const size_t length = byte(at + 2) << 8 | byte(at + 3);
    if (marker == 0xc0) {
      size.height = byte(at + 5) << 8 | byte(at + 6);
      size.width = byte(at + 7) << 8 | byte(at + 8);
    }
    at += 2 + length;
    if (marker == 0xda) break;
  }
  size.scan_start = at;
  return size;
}

TEST(JpegTest, IsAWholeBaselineFileOfTheSizeAsked) {
  for (const int pixels : {kPreviewPixels, kImagePixels}) {
    const std::string jpeg = DrawJpeg(0x123456789abcdef0, pixels);
    EXPECT_TRUE(absl::StartsWith(jpeg, "\xff\xd8\xff"));
    EXPECT_TRUE(absl::EndsWith(jpeg, "\xff\xd9"));
    const JpegSize size = ReadHeader(jpeg);
    EXPECT_EQ(pixels, size.width);
    EXPECT_EQ(pixels, size.height);
    // The scan must not contain a marker.
    for (size_t i = size.scan_start; i + 2 < jpeg.size(); ++i) {
      if (jpeg[i] == '\xff') {
        ASSERT_EQ('\0', jpeg[i + 1]) << i;
      }
    }
  }
}

TEST(JpegTest, IsDecidedByThePattern) {
  EXPECT_EQ(DrawJpeg(1, kPreviewPixels), DrawJpeg(1, kPreviewPixels));
  EXPECT_NE(DrawJpeg(1, kPreviewPixels), DrawJpeg(2, kPreviewPixels));
}

}  // namespace
}  // namespace portrait::sim
