// The invariants of every picture that is read.
#ifndef PORTRAIT_TESTS_FUZZ_EXPECT_IMAGE_H_
#define PORTRAIT_TESTS_FUZZ_EXPECT_IMAGE_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "core/image/image_facts.h"
#include "tests/fuzz/expect.h"

namespace portrait {

// Reads the picture with limits that a fuzzer's memory and time suit. Does
// nothing with files of other formats, which have their own fuzzer.
inline void ExpectSoundImage(const uint8_t* data, size_t size,
                             absl::string_view magic) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (!absl::StartsWith(bytes, magic)) return;
  ImageLimits limits;
  limits.max_side = 1024;
  limits.max_pixels = 256 * 256;
  const auto facts = ReadImage(bytes, limits);
  const auto thumbnail = MakeThumbnail(bytes, kSmallThumbnail, limits);
  fuzz::Expect(facts.ok() == thumbnail.ok(), "both succeed or neither does");
  if (!facts.ok()) {
    fuzz::ExpectPresentable(facts.status());
    return;
  }
  fuzz::Expect(uint64_t{facts->width} * facts->height <= limits.max_pixels,
               "a picture is within its limit");
  fuzz::Expect(absl::StartsWith(*thumbnail, "\xFF\xD8\xFF"),
               "a thumbnail is a JPEG");
}

}  // namespace portrait

#endif  // PORTRAIT_TESTS_FUZZ_EXPECT_IMAGE_H_
