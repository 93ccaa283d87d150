#include "server/call_counts.h"

#include "absl/strings/str_cat.h"

namespace portrait {

absl::Status CallCounts::Add(const std::string& tenant) {
  absl::MutexLock lock(&mu_);
  if (size_ >= limits_.in_all) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the server handles ", size_,
                     " such calls at the same time, which is the limit"));
  }
  size_t& of_tenant = by_tenant_[tenant];
  if (of_tenant >= limits_.of_tenant) {
    return absl::ResourceExhaustedError(
        absl::StrCat("tenant ", tenant, " has ", of_tenant,
                     " such calls at the same time, which is the limit"));
  }
  ++of_tenant;
  ++size_;
  return absl::OkStatus();
}

void CallCounts::Remove(const std::string& tenant) {
  absl::MutexLock lock(&mu_);
  const auto found = by_tenant_.find(tenant);
  if (found == by_tenant_.end()) return;
  --size_;
  if (--found->second == 0) by_tenant_.erase(found);
}

size_t CallCounts::size() const {
  absl::MutexLock lock(&mu_);
  return size_;
}

}  // namespace portrait
