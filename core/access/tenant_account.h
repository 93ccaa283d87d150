// TenantAccount is what one tenant may ask and what it has used: a monthly
// quota, a rate, and the counters of the month.
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

// A batch costs what a single lookup costs: one lock of the tenant's own.
//
// A lookup is granted before it is made and settled when its result leaves.
// What is granted counts against the quota until then, so that many lookups at
// once do not overrun it; one that fails does not count in the end.
//
// Thread-safe. Borrows what it is made with.
class TenantAccount {
 public:
  TenantAccount(std::string tenant, const AccessControl& access,
                UsageLedger& ledger, Clock clock);

  // Who waits for the lookups, and so what happens to those over the rate.
  enum class Pace {
    kUrgent,  // one caller: goes before the tenant's own bulk, or is refused
    kBulk,    // a stream, which tries again; leaves some of the rate to others
  };
  // Of the lookups that were wanted, in order: these may be made now, those
  // must wait, and the last ones are over the quota.
  struct Admission {
    size_t granted = 0;
    size_t waiting = 0;
    size_t over_quota = 0;
  };
  // What is granted is given to Settle or GiveBack, all of it.
  //
  // Errors: those of the store, the first time in a month.
  absl::StatusOr<Admission> Admit(size_t wanted, Pace pace);

  // Counts results that are about to leave, `granted` of them granted before.
  void Settle(size_t granted, const UsageCounts& results);
  // Returns grants whose caller has left.
  void GiveBack(size_t granted);

  // Takes one turn of the rate for something that is no lookup and counts
  // against no quota. False: not now.
  bool TakeTurn();

  // What to say to a lookup that was not granted, and when it may be.
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
  uint64_t granted_ ABSL_GUARDED_BY(mu_) = 0;  // and not settled
  Month month_ ABSL_GUARDED_BY(mu_);
  std::shared_ptr<UsageCounter> counter_ ABSL_GUARDED_BY(mu_);  // of `month_`
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_ACCESS_TENANT_ACCOUNT_H_
