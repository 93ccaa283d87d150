// PrefixSketch counts the different phone numbers in each block of 100, 10,000
// and 1,000,000 neighbours, in constant memory. It evicts no block: whatever
// the order of the numbers, each block keeps its count.
//
// It has three count-min sketches of four rows, with conservative updates. With
// N numbers in the sketch, a block's estimate is
//   - never below its count, and
//   - above it by more than e * N / width in fewer than 1.9 % of cases (e^-4),
//     where width is 65,536 for hundreds, 8,192 for ten thousands and 1,024 for
//     millions: 12, 100 and 797 numbers at N = 300,000.
// Bounds() returns these errors. Two Bloom filters, each at most half full,
// take turns in recognising repeated numbers. When both are half full, after a
// million numbers, one in four new numbers is mistaken for a repeated one and
// is not counted; up to 100,000 numbers, fewer than one in 200 are.
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

// Rows of counters; a key's estimate is the smallest of its counters. A full
// counter is not increased. Thread-compatible.
template <typename Counter, size_t kWidth>
class CountMin {
 public:
  static constexpr size_t kRows = 4;

  CountMin() : counters_(kRows * kWidth) {}

  // Adds one and returns the new estimate.
  uint64_t Add(uint64_t key);
  void Halve();

  std::vector<Counter>& counters() { return counters_; }
  const std::vector<Counter>& counters() const { return counters_; }

 private:
  std::vector<Counter> counters_;  // each row has a power of two of them
};

// Thread-compatible. About 850 kB.
class PrefixSketch {
 public:
  // The counts of a number's blocks of 100, 10,000 and 1,000,000.
  using Counts = std::array<uint64_t, 3>;

  // Counts `number`; returns nothing if it was counted before.
  std::optional<Counts> Add(uint64_t number);
  // The difference by which an estimate exceeds the count at most, with rare
  // exceptions.
  Counts Bounds() const;
  // Halves every count, so that older numbers count less.
  void Halve();

  // The number of counted numbers, halved together with the counts.
  uint64_t total() const { return total_; }

  // Contains the counts only, not the numbers.
  std::string Serialize() const;
  // Returns false if the data is of another version.
  bool Parse(absl::string_view serialized);

 private:
  static constexpr size_t kBloomBits = size_t{1} << 21;

  class Seen {
   public:
    // Adds `number` and returns whether it was in the filter already.
    bool Add(uint64_t number);
    void EndGeneration();

   private:
    using Bits = std::vector<uint64_t>;
    static bool Has(const Bits& bits, uint64_t number);

    Bits current_, previous_;  // empty: no number was added
    size_t set_ = 0;           // number of set bits in `current_`
  };

  CountMin<uint8_t, size_t{1} << 16> hundreds_;
  CountMin<uint16_t, size_t{1} << 13> ten_thousands_;
  CountMin<uint32_t, size_t{1} << 10> millions_;
  Seen seen_;
  uint64_t total_ = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_ACCESS_PREFIX_SKETCH_H_
