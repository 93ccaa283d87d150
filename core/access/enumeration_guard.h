// EnumerationGuard tells a customer list from the walk along a number range.
//
// It looks at the phone numbers that a tenant asks WhatsApp about and that
// the store has no record of; numbers with a record do not count. A number
// is crowded when
//   - of the 100 numbers that differ from it in the last two digits the tenant
//     has asked about `neighbours` or more, or
//   - of the 10,000 that differ in the last four, about `density` or more
// within a day. Neither order nor length of a list matters, only how close
// together its numbers are: a hundred thousand customers of one country stand
// far apart, sorted or not. A tenant is paused when
//   - most (`crowded_share`) of its recent numbers are crowded, or
//   - hardly any are on WhatsApp (`unregistered_share`), which means that they
//     were made up.
// The pause doubles when it happens again within a day.
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
  size_t neighbours = 25;           // of 100
  size_t density = 1000;            // of 10,000
  double crowded_share = 0.5;       // of about the last thousand numbers
  double unregistered_share = 0.9;  // of about the last thousand answers
  absl::Duration pause = absl::Hours(1);
  Clock clock = SystemClock();
};

// About 60 kB for each of the tenants that have asked last.
inline constexpr size_t kMaxGuardedTenants = 1000;

// Thread-safe. What it knows it forgets with the process.
class EnumerationGuard {
 public:
  enum class Sign { kCrowded, kUnregistered };

  // `on_pause` is called, from any thread and with no lock held, when a tenant
  // is paused.
  EnumerationGuard(EnumerationGuardOptions options,
                   std::function<void(Sign)> on_pause);
  ~EnumerationGuard();

  struct Verdict {
    size_t admitted = 0;         // of the numbers, from the first
    absl::Duration retry_after;  // of the rest
  };
  // Before WhatsApp is asked about `numbers`: E.164 without the plus.
  Verdict Admit(const std::string& tenant, absl::Span<const uint64_t> numbers);

  // WhatsApp has answered about one that was admitted.
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
