// A fixture with a guard, a manual clock, and lists of numbers.
#ifndef PORTRAIT_CORE_ACCESS_TESTING_ENUMERATION_GUARD_WORLD_H_
#define PORTRAIT_CORE_ACCESS_TESTING_ENUMERATION_GUARD_WORLD_H_

#include <algorithm>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "core/access/enumeration_guard.h"
#include "core/store/picture_store.h"
#include "gtest/gtest.h"

namespace portrait {

using Numbers = std::vector<uint64_t>;

class EnumerationGuardWorld : public testing::Test {
 protected:
  EnumerationGuardWorld() {
    options_.clock = clock_.clock();
    Restart();
  }

  void Restart() {
    guard_.reset();
    guard_ = std::make_unique<EnumerationGuard>(
        options_,
        [this](const std::string& /*tenant*/, EnumerationGuard::Sign sign,
               absl::Duration /*pause*/) { pauses_.push_back(sign); },
        stores_.access.get());
  }

  // The number of `numbers` that are admitted before the first refusal.
  size_t Admitted(const Numbers& numbers, const std::string& tenant = "acme") {
    constexpr size_t kBatch = 100;
    size_t admitted = 0;
    for (size_t i = 0; i < numbers.size(); i += kBatch) {
      const auto batch = absl::MakeConstSpan(numbers).subspan(i, kBatch);
      const size_t of_batch = guard_->Admit(tenant, batch).admitted;
      admitted += of_batch;
      if (of_batch < batch.size()) break;
    }
    return admitted;
  }

  static Numbers Range(uint64_t first, size_t count, uint64_t step = 1) {
    Numbers numbers;
    for (size_t i = 0; i < count; ++i) numbers.push_back(first + i * step);
    return numbers;
  }
  Numbers Shuffled(Numbers numbers) {
    std::shuffle(numbers.begin(), numbers.end(), random_);
    return numbers;
  }
  // `count` different numbers with `digits` digits after one of `prefixes`, in
  // order.
  Numbers Customers(const std::vector<uint64_t>& prefixes, int digits,
                    size_t count) {
    uint64_t space = 1;
    for (int i = 0; i < digits; ++i) space *= 10;
    std::set<uint64_t> numbers;
    while (numbers.size() < count) {
      numbers.insert(prefixes[random_() % prefixes.size()] * space +
                     random_() % space);
    }
    return {numbers.begin(), numbers.end()};
  }

  ManualClock clock_{absl::FromUnixSeconds(1'800'000'000)};
  Stores stores_ = NewMemoryStores();
  EnumerationGuardOptions options_;
  std::vector<EnumerationGuard::Sign> pauses_;
  std::unique_ptr<EnumerationGuard> guard_;
  std::mt19937_64 random_{7};
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_ACCESS_TESTING_ENUMERATION_GUARD_WORLD_H_
