// print_facts FILE…: for each picture, a line with its name, width, height,
// pHash, dHash and look, for the comparison with Python's imagehash.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "core/image/image_facts.h"

namespace {

const char* LookName(portrait::ImageLook look) {
  switch (look) {
    case portrait::ImageLook::kSilhouette:
      return "silhouette";
    case portrait::ImageLook::kBlank:
      return "blank";
    case portrait::ImageLook::kPicture:
      break;
  }
  return "picture";
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), {});
    const auto facts = portrait::ReadImage(bytes, portrait::ImageLimits());
    if (!facts.ok()) {
      std::printf("%s,%s\n", argv[i],
                  std::string(facts.status().message()).c_str());
      continue;
    }
    std::printf("%s,%u,%u,%016llx,%016llx,%s\n", argv[i], facts->width,
                facts->height, static_cast<unsigned long long>(facts->phash),
                static_cast<unsigned long long>(facts->dhash),
                LookName(facts->look));
  }
  return 0;
}
