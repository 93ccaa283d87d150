#include <algorithm>
#include <cmath>
#include <utility>

#include "core/image/pixels.h"

namespace portrait {
namespace {

constexpr double kLobes = 3.0;
constexpr int kWeightBits = 32 - 8 - 2;  // Pillow's, for sums of 8-bit samples
constexpr int32_t kHalfWeight = 1 << (kWeightBits - 1);

double Sinc(double x) {
  if (x == 0.0) return 1.0;
  x *= M_PI;
  return std::sin(x) / x;
}

double Lanczos(double x) {
  return -kLobes <= x && x < kLobes ? Sinc(x) * Sinc(x / kLobes) : 0.0;
}

// The source samples of one output sample, and their weights.
struct Taps {
  uint32_t first = 0;
  std::vector<int32_t> weights;
};

std::vector<Taps> TapsFor(uint32_t from, uint32_t to) {
  const double scale = static_cast<double>(from) / to;
  const double filter_scale = std::max(scale, 1.0);
  const double support = kLobes * filter_scale;
  std::vector<Taps> all(to);
  std::vector<double> exact;
  for (uint32_t i = 0; i < to; ++i) {
    const double center = (i + 0.5) * scale;
    // Truncation towards zero, then the bounds: the order is Pillow's.
    const int first = std::max(static_cast<int>(center - support + 0.5), 0);
    const int end = std::min(static_cast<int>(center + support + 0.5),
                             static_cast<int>(from));
    const double inverse = 1.0 / filter_scale;
    double sum = 0.0;
    exact.clear();
    for (int x = 0; x < end - first; ++x) {
      exact.push_back(Lanczos((x + first - center + 0.5) * inverse));
      sum += exact.back();
    }
    all[i].first = static_cast<uint32_t>(first);
    for (double weight : exact) {
      if (sum != 0.0) weight /= sum;
      const double scaled = weight * (1 << kWeightBits);
      all[i].weights.push_back(
          static_cast<int32_t>(weight < 0 ? scaled - 0.5 : scaled + 0.5));
    }
  }
  return all;
}

uint8_t Clip(int32_t sum) {
  return static_cast<uint8_t>(std::clamp(sum >> kWeightBits, 0, 255));
}

Pixels ResizeRows(const Pixels& from, uint32_t width) {
  Pixels to{width, from.height, from.channels, {}};
  to.bytes.resize(to.row_bytes() * to.height);
  const std::vector<Taps> taps = TapsFor(from.width, width);
  for (uint32_t y = 0; y < from.height; ++y) {
    const uint8_t* row = from.bytes.data() + y * from.row_bytes();
    uint8_t* out = to.bytes.data() + y * to.row_bytes();
    for (const Taps& tap : taps) {
      for (uint32_t c = 0; c < from.channels; ++c) {
        const uint8_t* sample = row + size_t{tap.first} * from.channels + c;
        int32_t sum = kHalfWeight;
        for (const int32_t weight : tap.weights) {
          sum += *sample * weight;
          sample += from.channels;
        }
        *out++ = Clip(sum);
      }
    }
  }
  return to;
}

Pixels ResizeColumns(const Pixels& from, uint32_t height) {
  Pixels to{from.width, height, from.channels, {}};
  to.bytes.resize(to.row_bytes() * to.height);
  const std::vector<Taps> taps = TapsFor(from.height, height);
  std::vector<int32_t> sums(from.row_bytes());
  for (uint32_t y = 0; y < height; ++y) {
    std::fill(sums.begin(), sums.end(), kHalfWeight);
    const uint8_t* row = from.bytes.data() + taps[y].first * from.row_bytes();
    for (const int32_t weight : taps[y].weights) {
      for (size_t x = 0; x < sums.size(); ++x) sums[x] += row[x] * weight;
      row += from.row_bytes();
    }
    uint8_t* out = to.bytes.data() + y * to.row_bytes();
    for (const int32_t sum : sums) *out++ = Clip(sum);
  }
  return to;
}

}  // namespace

Pixels ToGrey(const Pixels& pixels) {
  if (pixels.channels == 1) return pixels;
  Pixels grey{pixels.width, pixels.height, 1, {}};
  grey.bytes.resize(grey.row_bytes() * grey.height);
  const uint8_t* rgb = pixels.bytes.data();
  for (uint8_t& luma : grey.bytes) {
    // 19595 / 65536 is 0.299, and so on: Pillow's weights.
    luma = static_cast<uint8_t>(
        (rgb[0] * 19595u + rgb[1] * 38470u + rgb[2] * 7471u + 0x8000u) >> 16);
    rgb += 3;
  }
  return grey;
}

Pixels ResizeLanczos(const Pixels& pixels, uint32_t width, uint32_t height) {
  if (pixels.width == width && pixels.height == height) return pixels;
  if (pixels.width == width) return ResizeColumns(pixels, height);
  if (pixels.height == height) return ResizeRows(pixels, width);
  return ResizeColumns(ResizeRows(pixels, width), height);
}

}  // namespace portrait
