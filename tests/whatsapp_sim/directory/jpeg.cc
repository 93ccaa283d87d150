#include "tests/whatsapp_sim/directory/jpeg.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "absl/strings/string_view.h"

namespace portrait::sim {
namespace {

// Each 8×8 block has one colour, so only the first (DC) of its 64 coefficients
// is not 0. With a quantizer of 8, that coefficient is the sample minus 128.
constexpr int kBlockPixels = 8;
constexpr char kQuantizer = 8;
constexpr int kComponents = 3;  // Y, Cb, Cr

// The size of the pattern's grid, whose left half is mirrored.
constexpr int kCells = 5;

struct Colour {
  std::array<int, kComponents> ycbcr;
};

Colour FromRgb(int r, int g, int b) {
  return {{(299 * r + 587 * g + 114 * b) / 1000,
           128 + (-169 * r - 331 * g + 500 * b) / 1000,
           128 + (500 * r - 419 * g - 81 * b) / 1000}};
}

// Writes the entropy-coded segment: bits, most significant first, with 00 after
// each FF.
class BitWriter {
 public:
  explicit BitWriter(std::string* out) : out_(out) {}

  void Put(uint32_t bits, int count) {
    for (int i = count - 1; i >= 0; --i) {
      byte_ = byte_ << 1 | (bits >> i & 1);
      if (++used_ == 8) Flush();
    }
  }
  void Finish() {
    while (used_ != 0) Put(1, 1);
  }

 private:
  void Flush() {
    out_->push_back(static_cast<char>(byte_));
    if (static_cast<uint8_t>(byte_) == 0xff) out_->push_back('\0');
    byte_ = 0;
    used_ = 0;
  }

  std::string* const out_;
  uint32_t byte_ = 0;
  int used_ = 0;
};

// The standard's DC table for luminance: the number of codes of each length,
// and the category of each code.
constexpr absl::string_view kDcTable(
    "\x00\x01\x05\x01\x01\x01\x01\x01\x01\x00\x00\x00\x00\x00\x00\x00"
    "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b",
    28);
// A table with one code of one bit: end of block.
constexpr absl::string_view kAcTable(
    "\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", 17);

// The code of category 0 … 8 by kDcTable.
struct Code {
  uint32_t bits;
  int count;
};
constexpr std::array<Code, 9> kDcCodes = {{{0b00, 2},
                                           {0b010, 3},
                                           {0b011, 3},
                                           {0b100, 3},
                                           {0b101, 3},
                                           {0b110, 3},
                                           {0b1110, 4},
                                           {0b11110, 5},
                                           {0b111110, 6}}};

void PutBlock(int difference, BitWriter* bits) {
  int category = 0;
  for (int rest = std::abs(difference); rest != 0; rest >>= 1) ++category;
  bits->Put(kDcCodes[category].bits, kDcCodes[category].count);
  const int value =
      difference >= 0 ? difference : difference + (1 << category) - 1;
  bits->Put(static_cast<uint32_t>(value), category);
  bits->Put(0, 1);  // end of block
}

void PutSegment(char marker, absl::string_view payload, std::string* out) {
  const size_t length = payload.size() + 2;
  out->push_back('\xff');
  out->push_back(marker);
  out->push_back(static_cast<char>(length >> 8));
  out->push_back(static_cast<char>(length));
  out->append(payload.data(), payload.size());
}

std::string Table(char id, absl::string_view table) {
  return std::string(1, id).append(table.data(), table.size());
}

void PutHeaders(int pixels, std::string* out) {
  out->append("\xff\xd8", 2);
  PutSegment('\xe0', absl::string_view("JFIF\0\x01\x01\0\0\x01\0\x01\0\0", 14),
             out);
  PutSegment('\xdb', std::string(1, '\0') + std::string(64, kQuantizer), out);
  const char high = static_cast<char>(pixels >> 8);
  const char low = static_cast<char>(pixels);
  std::string frame = {8, high, low, high, low, kComponents};
  for (char id = 1; id <= kComponents; ++id) frame += {id, 0x11, 0};
  PutSegment('\xc0', frame, out);
  PutSegment('\xc4', Table(0x00, kDcTable), out);
  PutSegment('\xc4', Table(0x10, kAcTable), out);
  std::string scan = {kComponents};
  for (char id = 1; id <= kComponents; ++id) scan += {id, 0x00};
  scan += {0, 63, 0};
  PutSegment('\xda', scan, out);
}

bool IsFilled(uint64_t pattern, int row, int column) {
  const int mirrored = std::min(column, kCells - 1 - column);
  return pattern >> (row * kCells + mirrored) & 1;
}

}  // namespace

std::string DrawJpeg(uint64_t pattern, int pixels) {
  const int blocks = pixels / kBlockPixels;
  const Colour background = FromRgb(238, 238, 238);
  const Colour foreground =
      FromRgb(40 + (pattern >> 32) % 176, 40 + (pattern >> 42) % 176,
              40 + (pattern >> 52) % 176);
  std::string jpeg;
  PutHeaders(pixels, &jpeg);
  BitWriter bits(&jpeg);
  std::array<int, kComponents> before = {128, 128, 128};
  for (int y = 0; y < blocks; ++y) {
    for (int x = 0; x < blocks; ++x) {
      const Colour& colour =
          IsFilled(pattern, y * kCells / blocks, x * kCells / blocks)
              ? foreground
              : background;
      for (int i = 0; i < kComponents; ++i) {
        PutBlock(colour.ycbcr[i] - before[i], &bits);
        before[i] = colour.ycbcr[i];
      }
    }
  }
  bits.Finish();
  jpeg.append("\xff\xd9", 2);
  return jpeg;
}

}  // namespace portrait::sim
