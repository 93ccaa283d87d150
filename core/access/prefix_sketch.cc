#include "core/access/prefix_sketch.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "absl/strings/strip.h"

namespace portrait {
namespace {

constexpr double kEuler = 2.718281828459045;
constexpr uint64_t kBlockSizes[] = {100, 10'000, 1'000'000};
// Precedes the counters, which have the machine's byte order, because the same
// machine reads them. A change of widths or hashes needs a new version.
constexpr absl::string_view kSketchVersion = "prefix-sketch-1\n";
constexpr int kProbes = 3;  // number of bits that a number sets

// Equal in every process, because the counters are stored. `seed` selects
// independent functions. (The finalizer of splitmix64.)
uint64_t Mix(uint64_t value, uint64_t seed) {
  value += (seed + 1) * 0x9E3779B97F4A7C15;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
  return value ^ (value >> 31);
}

template <typename Counter>
void AppendCounters(const std::vector<Counter>& counters, std::string* out) {
  out->append(reinterpret_cast<const char*>(counters.data()),
              counters.size() * sizeof(Counter));
}

template <typename Counter>
void ReadCounters(absl::string_view* from, std::vector<Counter>* counters) {
  const size_t bytes = counters->size() * sizeof(Counter);
  std::memcpy(counters->data(), from->data(), bytes);
  from->remove_prefix(bytes);
}

}  // namespace

// ---- count-min -------------------------------------------------------------

template <typename Counter, size_t kWidth>
uint64_t CountMin<Counter, kWidth>::Add(uint64_t key) {
  static_assert((kWidth & (kWidth - 1)) == 0);
  std::array<Counter*, kRows> places;
  uint64_t least = std::numeric_limits<uint64_t>::max();
  for (size_t row = 0; row < kRows; ++row) {
    places[row] = &counters_[row * kWidth + Mix(key, row) % kWidth];
    least = std::min<uint64_t>(least, *places[row]);
  }
  if (least == std::numeric_limits<Counter>::max()) return least;
  // Counters above the new estimate include other keys, so they stay.
  for (Counter* const place : places) {
    *place = std::max<Counter>(*place, static_cast<Counter>(least + 1));
  }
  return least + 1;
}

template <typename Counter, size_t kWidth>
void CountMin<Counter, kWidth>::Halve() {
  for (Counter& counter : counters_) counter /= 2;
}

// ---- repeated numbers ------------------------------------------------------

bool PrefixSketch::Seen::Has(const Bits& bits, uint64_t number) {
  if (bits.empty()) return false;
  for (int probe = 0; probe < kProbes; ++probe) {
    const uint64_t bit = Mix(number, 16 + probe) % kBloomBits;
    if ((bits[bit / 64] >> (bit % 64) & 1) == 0) return false;
  }
  return true;
}

bool PrefixSketch::Seen::Add(uint64_t number) {
  if (Has(current_, number)) return true;
  const bool was_seen = Has(previous_, number);
  current_.resize(kBloomBits / 64);
  for (int probe = 0; probe < kProbes; ++probe) {
    const uint64_t bit = Mix(number, 16 + probe) % kBloomBits;
    uint64_t& word = current_[bit / 64];
    set_ += (word >> (bit % 64) & 1) == 0 ? 1 : 0;
    word |= uint64_t{1} << (bit % 64);
  }
  // With more bits set, the filter would mistake most new numbers for repeated
  // ones.
  if (set_ >= kBloomBits / 2) EndGeneration();
  return was_seen;
}

void PrefixSketch::Seen::EndGeneration() {
  previous_ = std::move(current_);
  current_.clear();
  set_ = 0;
}

// ---- the sketch ------------------------------------------------------------

std::optional<PrefixSketch::Counts> PrefixSketch::Add(uint64_t number) {
  if (seen_.Add(number)) return std::nullopt;
  ++total_;
  return Counts{hundreds_.Add(number / kBlockSizes[0]),
                ten_thousands_.Add(number / kBlockSizes[1]),
                millions_.Add(number / kBlockSizes[2])};
}

PrefixSketch::Counts PrefixSketch::Bounds() const {
  const auto bound = [this](size_t counters) {
    const auto width =
        static_cast<double>(counters / decltype(hundreds_)::kRows);
    return static_cast<uint64_t>(
        std::ceil(kEuler * static_cast<double>(total_) / width));
  };
  return {bound(hundreds_.counters().size()),
          bound(ten_thousands_.counters().size()),
          bound(millions_.counters().size())};
}

void PrefixSketch::Halve() {
  hundreds_.Halve();
  ten_thousands_.Halve();
  millions_.Halve();
  seen_.EndGeneration();
  total_ /= 2;
}

std::string PrefixSketch::Serialize() const {
  std::string serialized(kSketchVersion);
  AppendCounters(std::vector<uint64_t>{total_}, &serialized);
  AppendCounters(hundreds_.counters(), &serialized);
  AppendCounters(ten_thousands_.counters(), &serialized);
  AppendCounters(millions_.counters(), &serialized);
  return serialized;
}

bool PrefixSketch::Parse(absl::string_view serialized) {
  if (serialized.size() != PrefixSketch().Serialize().size() ||
      !absl::ConsumePrefix(&serialized, kSketchVersion)) {
    return false;
  }
  std::vector<uint64_t> total(1);
  ReadCounters(&serialized, &total);
  total_ = total.front();
  ReadCounters(&serialized, &hundreds_.counters());
  ReadCounters(&serialized, &ten_thousands_.counters());
  ReadCounters(&serialized, &millions_.counters());
  return true;
}

}  // namespace portrait
