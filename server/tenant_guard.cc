#include "server/tenant_guard.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace portrait {

TenantGuard::TenantGuard(const AccessControl& access, Metrics& metrics,
                         EnumerationGuardOptions options, KeyValueStore* memory)
    : access_(access),
      clock_(options.clock),
      guard_(
          std::move(options),
          [this, &metrics](const std::string& tenant,
                           EnumerationGuard::Sign sign, absl::Duration pause) {
            const char* const name = sign == EnumerationGuard::Sign::kCrowded
                                         ? "crowded"
                                         : "unregistered";
            metrics.CountEnumeration(name);
            Record(tenant, name, pause, 0);
          },
          memory) {}

size_t TenantGuard::Admit(const std::string& tenant,
                          absl::Span<const uint64_t> numbers,
                          LookupFailure* why) {
  if (!access_.LimitsOf(tenant).enumeration_guard) return numbers.size();
  const EnumerationGuard::Verdict verdict = guard_.Admit(tenant, numbers);
  if (verdict.admitted < numbers.size()) {
    Record(tenant, "", verdict.retry_after, numbers.size() - verdict.admitted);
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

void TenantGuard::Record(const std::string& tenant, const std::string& sign,
                         absl::Duration pause, size_t refused) {
  const absl::Time now = clock_();
  absl::MutexLock lock(&mu_);
  const auto [entry, is_new] = findings_.try_emplace(tenant);
  GuardFinding& finding = entry->second;
  finding.tenant = tenant;
  if (is_new || !sign.empty()) {
    finding.sign = sign;
    finding.found_at = now;
  }
  finding.paused_until = now + pause;
  finding.refused += refused;
  if (findings_.size() <= kMaxGuardedTenants) return;
  findings_.erase(std::min_element(
      findings_.begin(), findings_.end(), [](const auto& a, const auto& b) {
        return a.second.paused_until < b.second.paused_until;
      }));
}

std::vector<GuardFinding> TenantGuard::Findings() const {
  std::vector<GuardFinding> findings;
  absl::MutexLock lock(&mu_);
  for (const auto& [tenant, finding] : findings_) findings.push_back(finding);
  return findings;
}

}  // namespace portrait
