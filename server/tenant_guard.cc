#include "server/tenant_guard.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace portrait {

TenantGuard::TenantGuard(const AccessControl& access, Metrics& metrics,
                         EnumerationGuardOptions options, KeyValueStore* memory)
    : access_(access),
      guard_(
          std::move(options),
          [&metrics](EnumerationGuard::Sign sign) {
            metrics.CountEnumeration(sign == EnumerationGuard::Sign::kCrowded
                                         ? "crowded"
                                         : "unregistered");
          },
          memory) {}

size_t TenantGuard::Admit(const std::string& tenant,
                          absl::Span<const uint64_t> numbers,
                          LookupFailure* why) {
  if (!access_.LimitsOf(tenant).enumeration_guard) return numbers.size();
  const EnumerationGuard::Verdict verdict = guard_.Admit(tenant, numbers);
  if (verdict.admitted < numbers.size()) {
    *why = {v1::ERROR_REASON_ENUMERATION,
            absl::StrCat(
                "the numbers that tenant ", tenant,
                " requested recently look like an enumeration of a number "
                "range; numbers that are not stored yet are refused for now"),
            verdict.retry_after};
  }
  return verdict.admitted;
}

void TenantGuard::OnAnswer(const std::string& tenant, bool registered) {
  guard_.OnAnswer(tenant, registered);
}

}  // namespace portrait
