// TenantGuard applies the enumeration guard to lookups of those tenants whose
// tokens do not turn it off.
#ifndef PORTRAIT_SERVER_TENANT_GUARD_H_
#define PORTRAIT_SERVER_TENANT_GUARD_H_

#include <string>

#include "core/access/access_control.h"
#include "core/access/enumeration_guard.h"
#include "core/lookup/ask_guard.h"
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

 private:
  const AccessControl& access_;
  EnumerationGuard guard_;
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_TENANT_GUARD_H_
