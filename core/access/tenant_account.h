// TenantAccount holds the limits and the usage of one tenant: a monthly quota,
// a rate, and the counters of the month.
#ifndef PORTRAIT_CORE_ACCESS_TENANT_ACCOUNT_H_
#define PORTRAIT_CORE_ACCESS_TENANT_ACCOUNT_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "core/access/access_control.h"
#include "core/access/token_bucket.h"
#include "core/access/usage_ledger.h"
#include "core/base/clock.h"
#include "portrait/v1/profile_picture.pb.h"

namespace portrait {

// A batch costs as much as a single lookup: one lock of the tenant's own.
//
// A lookup is granted before it is made and settled when its result is sent.
// Until then the grant counts against the quota, so that concurrent lookups
// cannot exceed it; a failed lookup does not count in the end.
//
// Thread-safe. Borrows all arguments of its constructor.
class TenantAccount {
 public:
  TenantAccount(std::string tenant, const AccessControl& access,
                UsageLedger& ledger, Clock clock);

  // The kind of caller, which decides what happens to lookups over the rate.
  enum class Pace {
    kUrgent,  // a unary call: goes before the tenant's own bulk, or is refused
    // A gRPC stream, which tries again; leaves some of the rate to others.
    kBulk,
  };
  // Divides the wanted lookups, in order: the first may be made now, the next
  // must wait for the rate, and the last are over the quota.
  struct Admission {
    size_t granted = 0;
    size_t waiting = 0;
    size_t over_quota = 0;
  };
  // Every granted lookup must be passed to Settle or GiveBack.
  //
  // Errors: those of the store, at the first call in a month.
  absl::StatusOr<Admission> Admit(size_t wanted, Pace pace);

  // Counts results that are about to be sent; `granted` of them were granted.
  void Settle(size_t granted, const UsageCounts& results);
  // Returns the grants of a caller that has left.
  void GiveBack(size_t granted);

  // Takes one token of the rate for an operation that is not a lookup and
  // counts against no quota. Returns false if there is none now.
  bool TakeTurn();

  // The errors of lookups that were not granted; retry_after says when to
  // retry.
  v1::LookupError QuotaError() const;
  v1::LookupError RateError();

  const std::string& tenant() const { return tenant_; }

 private:
  absl::StatusOr<std::shared_ptr<UsageCounter>> CounterAt(absl::Time now);

  const std::string tenant_;
  const AccessControl& access_;
  UsageLedger& ledger_;
  const Clock clock_;

  absl::Mutex mu_;
  TokenBucket bucket_ ABSL_GUARDED_BY(mu_);
  uint64_t granted_ ABSL_GUARDED_BY(mu_) = 0;  // granted and not settled yet
  Month month_ ABSL_GUARDED_BY(mu_);
  // The counter of `month_`.
  std::shared_ptr<UsageCounter> counter_ ABSL_GUARDED_BY(mu_);
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_ACCESS_TENANT_ACCOUNT_H_
