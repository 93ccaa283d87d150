#include "core/access/tenants.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"

namespace portrait {

std::shared_ptr<TenantAccount> Tenants::AccountOf(const std::string& tenant) {
  absl::MutexLock lock(&mu_);
  if (accounts_.size() > kMaxTokens) {
    // There are more accounts than tenants can have tokens: drop the unused
    // ones.
    absl::erase_if(accounts_, [](const auto& account) {
      return account.second.use_count() == 1;
    });
  }
  std::shared_ptr<TenantAccount>& account = accounts_[tenant];
  if (account == nullptr) {
    account = std::make_shared<TenantAccount>(tenant, access_, ledger_, clock_);
  }
  return account;
}

absl::StatusOr<v1::GetUsageResponse> Tenants::GetUsage(
    const std::string& tenant, const std::string& month) {
  Month of = MonthOf(clock_());
  if (!month.empty()) {
    ASSIGN_OR_RETURN(of, ParseMonth(month));
  }
  absl::StatusOr<UsageCounts> counts = ledger_.Get(tenant, of);
  if (absl::IsNotFound(counts.status())) {
    if (access_.ListTokens(tenant).empty()) {
      return absl::NotFoundError(absl::StrCat(
          "tenant ", tenant, " has no token, and no lookups in ", of.name));
    }
    counts = UsageCounts();
  }
  RETURN_IF_ERROR(counts.status());
  v1::GetUsageResponse usage;
  usage.set_tenant(tenant);
  usage.set_month(of.name);
  usage.set_lookups(counts->answered());
  usage.set_from_store(counts->from_store);
  usage.set_from_whatsapp(counts->from_whatsapp);
  usage.set_failed(counts->failed);
  usage.set_monthly_quota(access_.LimitsOf(tenant).monthly_quota);
  return usage;
}

}  // namespace portrait
