// The main() of tests that decode images in helpers, which start this program.
#include "core/image/image_reader.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

int main(int argc, char** argv) {
  portrait::RunImageHelperIfAsked(argc, argv);
  testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
