#include "server/http/console/sign_ins.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "core/base/random.h"

namespace portrait::http {
namespace {

constexpr size_t kSecretBytes = 32;

}  // namespace

std::string SignIns::AddLocked(absl::string_view token,
                               absl::string_view tenant, size_t max_per_tenant,
                               size_t max, Entries* entries) {
  size_t of_tenant = 0;
  auto oldest = entries->end(), oldest_of_tenant = entries->end();
  for (auto entry = entries->begin(); entry != entries->end(); ++entry) {
    const auto is_older = [&](Entries::iterator than) {
      return than == entries->end() || entry->second.used < than->second.used;
    };
    if (is_older(oldest)) oldest = entry;
    if (entry->second.tenant != tenant) continue;
    ++of_tenant;
    if (is_older(oldest_of_tenant)) oldest_of_tenant = entry;
  }
  if (of_tenant >= max_per_tenant) {
    entries->erase(oldest_of_tenant);
  } else if (entries->size() >= max) {
    entries->erase(oldest);
  }
  std::string key = absl::BytesToHexString(RandomBytes(kSecretBytes));
  const absl::Time now = clock_();
  (*entries)[key] = {Secret(token), std::string(tenant), now, now};
  return key;
}

std::string SignIns::Start(absl::string_view token, absl::string_view tenant) {
  absl::MutexLock lock(&mu_);
  return AddLocked(token, tenant, kMaxSignInsPerTenant, kMaxSignIns,
                   &sign_ins_);
}

std::optional<std::string> SignIns::TokenOf(absl::string_view cookie) {
  absl::MutexLock lock(&mu_);
  const auto found = sign_ins_.find(cookie);
  if (found == sign_ins_.end()) return std::nullopt;
  const absl::Time now = clock_();
  Entry& entry = found->second;
  if (now - entry.used > kSignInIdle || now - entry.started > kSignInAge) {
    sign_ins_.erase(found);
    return std::nullopt;
  }
  entry.used = now;
  return std::string(entry.token.view());
}

void SignIns::End(absl::string_view cookie) {
  absl::MutexLock lock(&mu_);
  sign_ins_.erase(cookie);
}

std::string SignIns::MakeLink(absl::string_view token,
                              absl::string_view tenant) {
  absl::MutexLock lock(&mu_);
  return AddLocked(token, tenant, kMaxLinksPerTenant, kMaxLinks, &links_);
}

std::optional<std::string> SignIns::UseLink(absl::string_view code) {
  absl::MutexLock lock(&mu_);
  const auto found = links_.find(code);
  if (found == links_.end()) return std::nullopt;
  const Entry entry = std::move(found->second);
  links_.erase(found);
  if (clock_() - entry.started > kLinkLife) return std::nullopt;
  return std::string(entry.token.view());
}

}  // namespace portrait::http
