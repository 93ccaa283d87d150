// EnumerationGuard distinguishes customer lists from enumerated number ranges.
//
// It counts the phone numbers that a tenant wants WhatsApp to be asked about
// and that have no record in the store. A number is crowded if the tenant has
// asked about
//   - `neighbours` or more of the 100 numbers with the same digits except for
//     the last two,
//   - `density` or more of the 10,000 with the same digits except for the last
//     four, or
//   - a hundred times `density` of the million with the same digits except for
//     the last six.
// Neither the order nor the pace nor the length of a list matters, only the
// distance between its numbers: a hundred thousand customers of one country are
// far apart, sorted or not. A PrefixSketch counts, which evicts no block; its
// error bound is added to the limits, so that a long list is not taken for an
// enumeration. If a block reaches a limit, its earlier numbers are crowded,
// too. Counts are halved every eight weeks.
//
// The numbers of a company are in one block. So `own_block` crowded numbers in
// eight weeks are free; above that a tenant is paused if most (`crowded_share`)
// of its recent numbers are crowded. A tenant is paused at once if
//   - most are crowded, and half of its recent numbers are not on WhatsApp, or
//   - hardly any are on WhatsApp (`unregistered_share`): numbers were made up.
// If it is paused again within a day, the pause doubles.
#ifndef PORTRAIT_CORE_ACCESS_ENUMERATION_GUARD_H_
#define PORTRAIT_CORE_ACCESS_ENUMERATION_GUARD_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "core/base/clock.h"
#include "core/store/key_value_store.h"

namespace portrait {

struct EnumerationGuardOptions {
  size_t neighbours = 15;           // of 100 numbers
  size_t density = 1000;            // of 10,000 numbers
  size_t own_block = 5500;          // crowded numbers in eight weeks
  double crowded_share = 0.5;       // of about the last thousand numbers
  double unregistered_share = 0.9;  // of about the last thousand answers
  absl::Duration pause = absl::Hours(1);
  Clock clock = SystemClock();
};

// The most tenants in memory, about 860 kB each. Other tenants are read from
// the store when they ask; without a store the tenants that have been idle
// longest are dropped, paused ones last.
inline constexpr size_t kMaxGuardedTenants = 128;

// Thread-safe. If there is a store, a tenant's counts and pause outlive the
// process: they are written every few minutes while the tenant asks, and at the
// end.
class EnumerationGuard {
 public:
  enum class Sign { kCrowded, kUnregistered };

  // Called, from any thread and without a lock held, when a tenant is paused.
  using OnPause = std::function<void(const std::string& tenant, Sign sign,
                                     absl::Duration pause)>;

  // `memory` is borrowed; null: no store.
  EnumerationGuard(EnumerationGuardOptions options, OnPause on_pause,
                   KeyValueStore* memory = nullptr);
  ~EnumerationGuard();

  struct Verdict {
    size_t admitted = 0;         // number of admitted numbers, from the first
    absl::Duration retry_after;  // for the other numbers
  };
  // Call it before WhatsApp is asked about `numbers` (E.164 without the plus).
  Verdict Admit(const std::string& tenant, absl::Span<const uint64_t> numbers);

  // WhatsApp has answered about an admitted number.
  void OnAnswer(const std::string& tenant, bool registered);

 private:
  class Watch;
  using Entries =
      std::vector<std::pair<std::string, std::string>>;  // by tenant

  bool Has(const std::string& tenant);
  // Returns the tenant's watch from the store, or a new one.
  std::unique_ptr<Watch> Load(const std::string& tenant);
  void Save(const Entries& entries);
  // Returns the watch in memory, else `loaded`, else a new one. Adds watches
  // that must be saved.
  Watch& WatchOfLocked(const std::string& tenant, std::unique_ptr<Watch> loaded,
                       absl::Time now, Entries* to_save)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Makes room for one more tenant.
  void EvictLocked(const std::string& but, absl::Time now, Entries* to_save)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const EnumerationGuardOptions options_;
  const OnPause on_pause_;
  KeyValueStore* const memory_;

  absl::Mutex mu_;
  absl::flat_hash_map<std::string, std::unique_ptr<Watch>> watches_
      ABSL_GUARDED_BY(mu_);
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_ACCESS_ENUMERATION_GUARD_H_
