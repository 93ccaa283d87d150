// Tenants holds a TenantAccount for each tenant that has called.
#ifndef PORTRAIT_CORE_ACCESS_TENANTS_H_
#define PORTRAIT_CORE_ACCESS_TENANTS_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "core/access/access_control.h"
#include "core/access/tenant_account.h"
#include "core/access/usage_ledger.h"
#include "core/base/clock.h"
#include "portrait/v1/access.pb.h"

namespace portrait {

// Thread-safe. Borrows all arguments of its constructor.
class Tenants {
 public:
  Tenants(const AccessControl& access, UsageLedger& ledger,
          Clock clock = SystemClock())
      : access_(access), ledger_(ledger), clock_(std::move(clock)) {}

  // Returns the same object to all callers while any of them holds it.
  std::shared_ptr<TenantAccount> AccountOf(const std::string& tenant);

  // The tenant's usage in `month`, such as "2026-11"; empty: this month.
  //
  // Errors: INVALID_ARGUMENT (not a month), NOT_FOUND (the tenant has neither a
  // token nor any usage in that month), those of the store.
  absl::StatusOr<v1::GetUsageResponse> GetUsage(const std::string& tenant,
                                                const std::string& month);

 private:
  const AccessControl& access_;
  UsageLedger& ledger_;
  const Clock clock_;

  absl::Mutex mu_;
  absl::flat_hash_map<std::string, std::shared_ptr<TenantAccount>> accounts_
      ABSL_GUARDED_BY(mu_);
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_ACCESS_TENANTS_H_
