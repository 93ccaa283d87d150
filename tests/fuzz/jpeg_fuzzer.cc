// The decoder of JPEG pictures.
#include "tests/fuzz/expect_image.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  portrait::ExpectSoundImage(data, size, "\xFF\xD8\xFF");
  return 0;
}
