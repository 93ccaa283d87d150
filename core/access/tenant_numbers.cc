#include "core/access/tenant_numbers.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"

namespace portrait {
namespace {

constexpr absl::string_view kTenantPrefix = "tenant/";

}  // namespace

absl::Status TenantNumbers::Load() {
  ASSIGN_OR_RETURN(const auto stored, store_.List(kTenantPrefix));
  absl::flat_hash_set<uint32_t> given;
  absl::MutexLock lock(&mu_);
  for (const auto& [key, value] : stored) {
    uint32_t number = 0;
    if (!absl::SimpleAtoi(value, &number) || number == 0 ||
        !given.insert(number).second) {
      return absl::DataLossError(
          absl::StrCat("access: the number of ", key, " is unreadable"));
    }
    numbers_[key.substr(kTenantPrefix.size())] = number;
    last_ = std::max(last_, number);
  }
  return absl::OkStatus();
}

absl::StatusOr<uint32_t> TenantNumbers::NumberOf(const std::string& tenant) {
  absl::MutexLock lock(&mu_);
  const auto known = numbers_.find(tenant);
  if (known != numbers_.end()) return known->second;
  const uint32_t number = last_ + 1;
  RETURN_IF_ERROR(
      store_.Put(absl::StrCat(kTenantPrefix, tenant), absl::StrCat(number)));
  last_ = number;
  numbers_[tenant] = number;
  return number;
}

}  // namespace portrait
