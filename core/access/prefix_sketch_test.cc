#include "core/access/prefix_sketch.h"

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace portrait {
namespace {

constexpr uint64_t kBlockSizes[] = {100, 10'000, 1'000'000};

TEST(PrefixSketchTest, CountsDifferentNumbersOfABlockOnce) {
  PrefixSketch sketch;
  for (uint64_t i = 0; i < 100; ++i) {
    const auto counts = sketch.Add(4915'1230'0000 + i);
    ASSERT_TRUE(counts.has_value()) << i;
    EXPECT_EQ(*counts, (PrefixSketch::Counts{i + 1, i + 1, i + 1}));
  }
  EXPECT_EQ(sketch.Add(4915'1230'0005), std::nullopt);
  EXPECT_EQ(sketch.Add(4915'1230'0100), (PrefixSketch::Counts{1, 101, 101}));
  EXPECT_EQ(sketch.total(), 101u);
}

// Tests the error bounds in the header, and that no block is dropped: each of
// 300,000 numbers is from a list without neighbours, or from one of a thousand
// dense blocks whose numbers alternate.
TEST(PrefixSketchTest, EstimatesKeepTheirBoundWithAnyNumberOfBlocks) {
  std::mt19937_64 random(7);
  std::vector<uint64_t> numbers;
  for (int i = 0; i < 280'000; ++i) {
    numbers.push_back(4915'0000'0000 + random() % 1'000'000'000);
  }
  for (uint64_t i = 0; i < 20; ++i) {
    for (uint64_t block = 0; block < 1000; ++block) {
      numbers.push_back(4917'0000'0000 + block * 1'000'000 + i);
    }
  }
  PrefixSketch sketch;
  std::map<uint64_t, uint64_t> exact[3];
  std::map<uint64_t, int> seen;
  size_t wrong[3] = {}, uncounted = 0, counted = 0;
  for (const uint64_t number : numbers) {
    if (seen[number]++ > 0) continue;
    const auto counts = sketch.Add(number);
    if (!counts.has_value()) {
      ++uncounted;
      continue;
    }
    ++counted;
    const PrefixSketch::Counts bounds = sketch.Bounds();
    for (size_t i = 0; i < 3; ++i) {
      const uint64_t count = ++exact[i][number / kBlockSizes[i]];
      // The smallest counters have a maximum of 255.
      ASSERT_GE((*counts)[i], i == 0 ? std::min<uint64_t>(count, 255) : count);
      if ((*counts)[i] > count + bounds[i]) ++wrong[i];
    }
  }
  for (const size_t each : wrong) {
    EXPECT_LT(static_cast<double>(each), 0.019 * static_cast<double>(counted));
  }
  EXPECT_LT(static_cast<double>(uncounted), 0.06 * 300'000);
  // The dense blocks were recognized.
  for (uint64_t block = 0; block < 1000; ++block) {
    const auto counts = sketch.Add(4917'0000'0050 + block * 1'000'000);
    if (!counts.has_value()) continue;
    EXPECT_GE((*counts)[0], 15u);
  }
}

TEST(PrefixSketchTest, HalvesItsCounts) {
  PrefixSketch sketch;
  for (uint64_t i = 0; i < 40; ++i) sketch.Add(4915'1230'0000 + i);
  sketch.Halve();
  EXPECT_EQ(sketch.total(), 20u);
  EXPECT_EQ((*sketch.Add(4915'1230'0050))[0], 21u);
  // Numbers of the previous generation are still recognized.
  EXPECT_EQ(sketch.Add(4915'1230'0000), std::nullopt);
  sketch.Halve();
  sketch.Halve();
  EXPECT_NE(sketch.Add(4915'1230'0001), std::nullopt);
}

TEST(PrefixSketchTest, IsTheSameAfterBeingStored) {
  PrefixSketch sketch;
  for (uint64_t i = 0; i < 5000; ++i) sketch.Add(4915'1230'0000 + i * 7);
  const std::string stored = sketch.Serialize();
  PrefixSketch again;
  ASSERT_TRUE(again.Parse(stored));
  EXPECT_EQ(again.total(), sketch.total());
  EXPECT_EQ(again.Add(4915'1230'0001), sketch.Add(4915'1230'0001));
  EXPECT_EQ(again.Serialize(), sketch.Serialize());
}

TEST(PrefixSketchTest, AnotherVersionIsNotRead) {
  std::string stored = PrefixSketch().Serialize();
  PrefixSketch sketch;
  EXPECT_FALSE(sketch.Parse(""));
  EXPECT_FALSE(sketch.Parse(stored.substr(1)));
  EXPECT_FALSE(sketch.Parse(stored + "x"));
  stored[stored.find('1')] = '2';
  EXPECT_FALSE(sketch.Parse(stored));
  EXPECT_EQ(sketch.total(), 0u);
}

}  // namespace
}  // namespace portrait
