// Blank pictures and silhouettes. WhatsApp's apps show a drawn figure in place
// of a missing picture, in two plain colours that changed over the years; some
// people upload it. It is recognized by its shape: from top to bottom ground, a
// head, a neck or a gap, shoulders that are wider than the head; and its left
// half mirrors the right one. The figure of a group has the same outline in
// sum.
#include <algorithm>
#include <array>
#include <cstdlib>

#include "core/image/perceptual_hash.h"

namespace portrait {
namespace {

constexpr int kLevels = 256;
constexpr int kSameBrightness = 8;  // levels up or down
constexpr double kBlankShare = 0.97;
constexpr double kTwoColorShare = 0.90;
constexpr int kMinContrast = 16;  // levels between ground and figure
constexpr uint32_t kShapeSide = 64;
constexpr double kMirroredShare = 0.97;

using Histogram = std::array<uint64_t, kLevels>;

struct Plateau {
  int level = 0;
  uint64_t pixels = 0;
};

// The level with the most pixels around it.
Plateau HighestPlateau(const Histogram& histogram) {
  Plateau best;
  for (int level = 0; level < kLevels; ++level) {
    uint64_t pixels = 0;
    const int last = std::min(level + kSameBrightness, kLevels - 1);
    for (int l = std::max(level - kSameBrightness, 0); l <= last; ++l) {
      pixels += histogram[static_cast<size_t>(l)];
    }
    if (pixels > best.pixels) best = {level, pixels};
  }
  return best;
}

void RemovePlateau(int level, Histogram* histogram) {
  const int last = std::min(level + kSameBrightness, kLevels - 1);
  for (int l = std::max(level - kSameBrightness, 0); l <= last; ++l) {
    (*histogram)[static_cast<size_t>(l)] = 0;
  }
}

// Whether each pixel belongs to the figure.
using Shape = std::array<std::array<bool, kShapeSide>, kShapeSide>;

Shape ShapeOf(const Pixels& grey, int one, int other) {
  // The pixel in the middle of each cell; the figure has no fine lines.
  const auto at = [&grey](uint32_t x, uint32_t y) -> int {
    const uint64_t column =
        (2 * uint64_t{x} + 1) * grey.width / (2 * kShapeSide);
    const uint64_t row = (2 * uint64_t{y} + 1) * grey.height / (2 * kShapeSide);
    return grey.bytes[row * grey.row_bytes() + column];
  };
  // The ground is the color in the middle of the upper edge; a corner may lie
  // outside a round picture.
  const int above = at(kShapeSide / 2, 1);
  const bool ground_is_bright = 2 * above > one + other;
  Shape shape;
  for (uint32_t y = 0; y < kShapeSide; ++y) {
    for (uint32_t x = 0; x < kShapeSide; ++x) {
      const bool bright = 2 * at(x, y) > one + other;
      shape[y][x] = bright != ground_is_bright;
    }
  }
  return shape;
}

bool IsMirrored(const Shape& shape) {
  uint32_t same = 0;
  for (const auto& row : shape) {
    for (uint32_t x = 0; x < kShapeSide; ++x) {
      same += row[x] == row[kShapeSide - 1 - x] ? 1 : 0;
    }
  }
  return same >= kMirroredShare * kShapeSide * kShapeSide;
}

// The pixels of the figure in each row, without the pixels outside of the
// circle that touches the edges: round default pictures have other corners.
std::array<int, kShapeSide> WidthsOf(const Shape& shape) {
  std::array<int, kShapeSide> widths = {};
  const double middle = (kShapeSide - 1) / 2.0;
  for (uint32_t y = 0; y < kShapeSide; ++y) {
    for (uint32_t x = 0; x < kShapeSide; ++x) {
      const double dx = x - middle;
      const double dy = y - middle;
      if (dx * dx + dy * dy > middle * middle) continue;
      widths[y] += shape[y][x] ? 1 : 0;
    }
  }
  return widths;
}

bool HasHeadAndShoulders(const Shape& shape) {
  const auto widths = WidthsOf(shape);
  constexpr int kSide = kShapeSide;
  int top = 0;
  while (top < kSide && widths[static_cast<size_t>(top)] == 0) ++top;
  if (top < kSide / 16 || top > kSide * 2 / 5) return false;
  // The neck is the narrowest row of the middle; below it are the shoulders.
  const auto begin = widths.begin();
  const auto neck =
      std::min_element(begin + kSide * 2 / 5, begin + kSide * 3 / 4);
  const int head = *std::max_element(begin + top, neck);
  const int shoulders = *std::max_element(neck, widths.end());
  return head >= kSide / 6 && head <= kSide * 3 / 4 && *neck * 10 <= head * 7 &&
         shoulders * 10 >= head * 12 && shoulders >= kSide * 2 / 5;
}

}  // namespace

ImageLook LookOf(const Pixels& grey) {
  Histogram histogram = {};
  for (const uint8_t level : grey.bytes) ++histogram[level];
  const double all = static_cast<double>(grey.bytes.size());
  const Plateau first = HighestPlateau(histogram);
  if (static_cast<double>(first.pixels) >= kBlankShare * all) {
    return ImageLook::kBlank;
  }
  RemovePlateau(first.level, &histogram);
  const Plateau second = HighestPlateau(histogram);
  if (static_cast<double>(first.pixels + second.pixels) <
          kTwoColorShare * all ||
      std::abs(first.level - second.level) < kMinContrast) {
    return ImageLook::kPicture;
  }
  const Shape shape = ShapeOf(grey, first.level, second.level);
  return IsMirrored(shape) && HasHeadAndShoulders(shape)
             ? ImageLook::kSilhouette
             : ImageLook::kPicture;
}

}  // namespace portrait
