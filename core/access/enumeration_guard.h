// EnumerationGuard distinguishes customer lists from enumerated number ranges.
//
// It counts the phone numbers that a tenant wants WhatsApp to be asked about
// and that have no record in the store. A number is crowded if, within a day,
// the tenant has asked about
//   - `neighbours` or more of the 100 numbers with the same digits except for
//     the last two, or
//   - about `density` or more of the 10,000 with the same digits except for the
//     last four.
// Neither the order nor the length of a list matters, only the distance between
// its numbers: a hundred thousand customers of one country are far apart,
// sorted or not. A tenant is paused if
//   - most (`crowded_share`) of its recent numbers are crowded, or
//   - hardly any are on WhatsApp (`unregistered_share`): numbers were made up.
// If it is paused again within a day, the pause doubles.
#ifndef PORTRAIT_CORE_ACCESS_ENUMERATION_GUARD_H_
#define PORTRAIT_CORE_ACCESS_ENUMERATION_GUARD_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "core/base/clock.h"

namespace portrait {

struct EnumerationGuardOptions {
  size_t neighbours = 25;           // of 100 numbers
  size_t density = 1000;            // of 10,000 numbers
  double crowded_share = 0.5;       // of about the last thousand numbers
  double unregistered_share = 0.9;  // of about the last thousand answers
  absl::Duration pause = absl::Hours(1);
  Clock clock = SystemClock();
};

// The most tenants that are watched, about 60 kB each; older ones are dropped.
inline constexpr size_t kMaxGuardedTenants = 1000;

// Thread-safe. Its state is lost when the process ends.
class EnumerationGuard {
 public:
  enum class Sign { kCrowded, kUnregistered };

  // `on_pause` is called, from any thread and without a lock held, when a
  // tenant is paused.
  EnumerationGuard(EnumerationGuardOptions options,
                   std::function<void(Sign)> on_pause);
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

  Watch& WatchOfLocked(const std::string& tenant, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const EnumerationGuardOptions options_;
  const std::function<void(Sign)> on_pause_;

  absl::Mutex mu_;
  absl::flat_hash_map<std::string, std::unique_ptr<Watch>> watches_
      ABSL_GUARDED_BY(mu_);
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_ACCESS_ENUMERATION_GUARD_H_
