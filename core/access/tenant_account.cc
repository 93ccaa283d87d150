#include "core/access/tenant_account.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/proto_time.h"
#include "core/base/status_macros.h"

namespace portrait {
namespace {

// Bulk streams leave one in this many tokens of the rate to urgent lookups.
constexpr size_t kBulkLeavesOneIn = 10;

uint64_t QuotaLeft(const TenantLimits& limits, uint64_t used) {
  if (limits.monthly_quota == 0) return std::numeric_limits<uint64_t>::max();
  return limits.monthly_quota - std::min(limits.monthly_quota, used);
}

}  // namespace

TenantAccount::TenantAccount(std::string tenant, const AccessControl& access,
                             UsageLedger& ledger, Clock clock)
    : tenant_(std::move(tenant)),
      access_(access),
      ledger_(ledger),
      clock_(std::move(clock)) {}

absl::StatusOr<std::shared_ptr<UsageCounter>> TenantAccount::CounterAt(
    absl::Time now) {
  {
    absl::MutexLock lock(&mu_);
    if (counter_ != nullptr && now >= month_.begin && now < month_.end) {
      return counter_;
    }
  }
  // All callers of a tenant share the ledger's counter for a month.
  Month month = MonthOf(now);
  ASSIGN_OR_RETURN(std::shared_ptr<UsageCounter> counter,
                   ledger_.CounterOf(tenant_, month));
  absl::MutexLock lock(&mu_);
  month_ = std::move(month);
  counter_ = counter;
  return counter;
}

absl::StatusOr<TenantAccount::Admission> TenantAccount::Admit(size_t wanted,
                                                              Pace pace) {
  const absl::Time now = clock_();
  const TenantLimits limits = access_.LimitsOf(tenant_);
  ASSIGN_OR_RETURN(const std::shared_ptr<UsageCounter> counter, CounterAt(now));
  Admission admission;
  absl::MutexLock lock(&mu_);
  const uint64_t used = counter->Read().answered() + granted_;
  const size_t in_quota =
      static_cast<size_t>(std::min<uint64_t>(wanted, QuotaLeft(limits, used)));
  bucket_.SetRate(limits.lookups_per_second, now);
  const size_t keep =
      pace == Pace::kBulk ? bucket_.capacity() / kBulkLeavesOneIn : 0;
  admission.over_quota = wanted - in_quota;
  admission.granted = bucket_.Take(in_quota, keep, now);
  admission.waiting = in_quota - admission.granted;
  granted_ += admission.granted;
  return admission;
}

void TenantAccount::Settle(size_t granted, const UsageCounts& results) {
  // If the new month's counter cannot be read, the previous one counts the
  // results.
  CounterAt(clock_()).IgnoreError();
  absl::MutexLock lock(&mu_);
  granted_ -= std::min<uint64_t>(granted_, granted);
  if (counter_ != nullptr) counter_->Add(results);
}

void TenantAccount::GiveBack(size_t granted) {
  absl::MutexLock lock(&mu_);
  granted_ -= std::min<uint64_t>(granted_, granted);
}

bool TenantAccount::TakeTurn() {
  const absl::Time now = clock_();
  const double rate = access_.LimitsOf(tenant_).lookups_per_second;
  absl::MutexLock lock(&mu_);
  bucket_.SetRate(rate, now);
  return bucket_.Take(/*wanted=*/1, /*keep=*/0, now) == 1;
}

v1::LookupError TenantAccount::QuotaError() const {
  const absl::Time now = clock_();
  const Month month = MonthOf(now);
  v1::LookupError error;
  error.set_reason(v1::ERROR_REASON_QUOTA_EXCEEDED);
  error.set_message(absl::StrCat("tenant ", tenant_, " has used its quota of ",
                                 access_.LimitsOf(tenant_).monthly_quota,
                                 " lookups for ", month.name));
  *error.mutable_retry_after() = ToProto(month.end - now);
  return error;
}

v1::LookupError TenantAccount::RateError() {
  const absl::Time now = clock_();
  v1::LookupError error;
  error.set_reason(v1::ERROR_REASON_RATE_LIMITED);
  error.set_message(absl::StrCat("tenant ", tenant_, " may make ",
                                 access_.LimitsOf(tenant_).lookups_per_second,
                                 " lookups per second"));
  absl::MutexLock lock(&mu_);
  *error.mutable_retry_after() = ToProto(bucket_.UntilNext(now));
  return error;
}

}  // namespace portrait
