// The decoder of WebP pictures.
#include "tests/fuzz/expect_image.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  portrait::ExpectSoundImage(data, size, "RIFF");
  return 0;
}
