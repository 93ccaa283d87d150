// TenantGuard applies the enumeration guard to lookups of those tenants whose
// tokens do not turn it off.
#ifndef PORTRAIT_SERVER_TENANT_GUARD_H_
#define PORTRAIT_SERVER_TENANT_GUARD_H_

#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "core/access/access_control.h"
#include "core/access/enumeration_guard.h"
#include "core/lookup/ask_guard.h"
#include "server/guard_finding.h"
#include "server/metrics.h"

namespace portrait {

// Thread-safe. Borrows all arguments; `memory` is passed to EnumerationGuard.
class TenantGuard final : public AskGuard {
 public:
  TenantGuard(const AccessControl& access, Metrics& metrics,
              EnumerationGuardOptions options, KeyValueStore* memory = nullptr);

  size_t Admit(const std::string& tenant, absl::Span<const uint64_t> numbers,
               LookupFailure* why) override;
  void OnAnswer(const std::string& tenant, bool registered) override;

  // A finding for each of the last kMaxGuardedTenants tenants that the guard
  // has paused or refused since the server started, in no order.
  std::vector<GuardFinding> Findings() const;

 private:
  // Records that `tenant` was paused (`sign` is not empty) or refused.
  void Record(const std::string& tenant, const std::string& sign,
              absl::Duration pause, size_t refused);

  const AccessControl& access_;
  const Clock clock_;
  mutable absl::Mutex mu_;
  absl::flat_hash_map<std::string, GuardFinding> findings_
      ABSL_GUARDED_BY(mu_);  // by tenant
  EnumerationGuard guard_;
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_TENANT_GUARD_H_
