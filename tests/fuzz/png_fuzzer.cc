// The decoder of PNG pictures.
#include "tests/fuzz/expect_image.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  portrait::ExpectSoundImage(data, size, "\x89PNG\r\n\x1A\n");
  return 0;
}
