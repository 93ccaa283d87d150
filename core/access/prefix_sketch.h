// PrefixSketch counts the different phone numbers that were seen of each block
// of 100, 10,000 and 1,000,000 neighbours, in constant memory. It evicts no
// block: whatever the order of the numbers, each block keeps its count.
//
// Three count-min sketches of four rows, updated conservatively. With N numbers
// in it a block's estimate is
//   - never below its count, and
//   - above it by more than e * N / width in fewer than 1.9 % of cases (e^-4),
//     where width is 65,536 for hundreds, 8,192 for ten thousands and 1,024 for
//     millions: 12, 100 and 797 numbers at N = 300,000.
// Bounds() has these errors. Numbers that come again are recognised by two
// Bloom filters, at most half full, that take turns. When both are, after a
// million numbers, every fourth new one is taken for a repeated one and is not
// counted; before 100,000 fewer than one in 200.
#ifndef PORTRAIT_CORE_ACCESS_PREFIX_SKETCH_H_
#define PORTRAIT_CORE_ACCESS_PREFIX_SKETCH_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace portrait {

// Rows of counters; the smallest of a key's counters is its estimate. A counter
// that is full stays so. Thread-compatible.
template <typename Counter, size_t kWidth>
class CountMin {
 public:
  static constexpr size_t kRows = 4;

  CountMin() : counters_(kRows * kWidth) {}

  // Adds one; the estimate then.
  uint64_t Add(uint64_t key);
  void Halve();

  std::vector<Counter>& counters() { return counters_; }
  const std::vector<Counter>& counters() const { return counters_; }

 private:
  std::vector<Counter> counters_;  // powers of two of them in each row
};

// Thread-compatible. About 850 kB.
class PrefixSketch {
 public:
  // Of the blocks of 100, 10,000 and 1,000,000 that a number is in.
  using Counts = std::array<uint64_t, 3>;

  // Counts `number`; nothing if it was seen before.
  std::optional<Counts> Add(uint64_t number);
  // How far an estimate may be above the count, rarely more.
  Counts Bounds() const;
  // Half of every count: what was seen long ago counts less.
  void Halve();

  // Numbers counted, halved with the counts.
  uint64_t total() const { return total_; }

  // The counts alone: which numbers were seen is not stored.
  std::string Serialize() const;
  // False: it is not of this version.
  bool Parse(absl::string_view serialized);

 private:
  static constexpr size_t kBloomBits = size_t{1} << 21;

  class Seen {
   public:
    // Whether `number` was in it; it is now.
    bool Add(uint64_t number);
    void EndGeneration();

   private:
    using Bits = std::vector<uint64_t>;
    static bool Has(const Bits& bits, uint64_t number);

    Bits current_, previous_;  // empty: nothing was seen
    size_t set_ = 0;           // bits of `current_`
  };

  CountMin<uint8_t, size_t{1} << 16> hundreds_;
  CountMin<uint16_t, size_t{1} << 13> ten_thousands_;
  CountMin<uint32_t, size_t{1} << 10> millions_;
  Seen seen_;
  uint64_t total_ = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_ACCESS_PREFIX_SKETCH_H_
