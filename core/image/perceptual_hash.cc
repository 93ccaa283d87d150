#include "core/image/perceptual_hash.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <vector>

namespace portrait {
namespace {

constexpr uint32_t kHashSide = 8;
constexpr uint32_t kTransformSide = 32;

using Cosines = std::array<std::array<double, kTransformSide>, kHashSide>;

// The rows of the cosine transform of type 2 for the lowest frequencies.
const Cosines& LowCosines() {
  static const Cosines cosines = [] {
    Cosines made;
    for (uint32_t k = 0; k < kHashSide; ++k) {
      for (uint32_t n = 0; n < kTransformSide; ++n) {
        made[k][n] =
            2.0 * std::cos(M_PI * k * (2 * n + 1) / (2 * kTransformSide));
      }
    }
    return made;
  }();
  return cosines;
}

}  // namespace

uint64_t PHash(const Pixels& grey) {
  const Pixels small = ResizeLanczos(grey, kTransformSide, kTransformSide);
  const Cosines& cosines = LowCosines();
  // Along the columns first, as imagehash does.
  std::array<std::array<double, kTransformSide>, kHashSide> columns = {};
  for (uint32_t k = 0; k < kHashSide; ++k) {
    for (uint32_t y = 0; y < kTransformSide; ++y) {
      const uint8_t* row = small.bytes.data() + size_t{y} * kTransformSide;
      for (uint32_t x = 0; x < kTransformSide; ++x) {
        columns[k][x] += cosines[k][y] * row[x];
      }
    }
  }
  std::array<double, kHashSide* kHashSide> low = {};
  for (uint32_t k = 0; k < kHashSide; ++k) {
    for (uint32_t l = 0; l < kHashSide; ++l) {
      double sum = 0.0;
      for (uint32_t x = 0; x < kTransformSide; ++x) {
        sum += columns[k][x] * cosines[l][x];
      }
      low[k * kHashSide + l] = sum;
    }
  }
  auto sorted = low;
  std::sort(sorted.begin(), sorted.end());
  const double median =
      (sorted[sorted.size() / 2 - 1] + sorted[sorted.size() / 2]) / 2;
  uint64_t hash = 0;
  for (const double value : low) hash = hash << 1 | (value > median ? 1 : 0);
  return hash;
}

uint64_t DHash(const Pixels& grey) {
  const Pixels small = ResizeLanczos(grey, kHashSide + 1, kHashSide);
  uint64_t hash = 0;
  for (uint32_t y = 0; y < kHashSide; ++y) {
    const uint8_t* row = small.bytes.data() + size_t{y} * (kHashSide + 1);
    for (uint32_t x = 0; x < kHashSide; ++x) {
      hash = hash << 1 | (row[x + 1] > row[x] ? 1 : 0);
    }
  }
  return hash;
}

}  // namespace portrait
