#include "core/whatsapp/privacy_token.h"

#include <cstdint>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/whatsapp/crypto.h"

namespace portrait::whatsapp {
namespace {

constexpr absl::Duration kUnifiedSessionOffset = absl::Hours(3 * 24);
constexpr absl::Duration kUnifiedSessionPeriod = absl::Hours(7 * 24);

int64_t BucketOf(absl::Time time) {
  return absl::ToUnixSeconds(time) / absl::ToInt64Seconds(kPrivacyTokenBucket);
}

// Also the phone numbers of official bots.
bool IsBot(const Jid& jid) {
  return jid.server == kBotServer ||
         (jid.IsPhoneNumber() && (absl::StartsWith(jid.user, "1313555") ||
                                  absl::StartsWith(jid.user, "131655500")));
}

}  // namespace

bool IsPrivacyTokenExpired(absl::Time token_time, absl::Time now) {
  return BucketOf(token_time) < BucketOf(now) - (kPrivacyTokenBuckets - 1);
}

bool ShouldReissuePrivacyToken(absl::Time issued, absl::Time now) {
  return BucketOf(now) > BucketOf(issued);
}

bool MayCarryPrivacyToken(const Jid& target, const Jid& own_pn,
                          const Jid& own_lid) {
  const Jid account = target.WithoutDevice();
  if (!account.IsPhoneNumber() && !account.IsLid()) return false;
  return account != own_pn.WithoutDevice() &&
         account != own_lid.WithoutDevice() && !IsBot(account);
}

std::string ContactSaltToken(absl::string_view salt, absl::string_view lid) {
  return HmacSha256(salt, lid);
}

std::string UnifiedSessionId(absl::Time server_now) {
  return absl::StrCat((absl::ToUnixMillis(server_now) +
                       absl::ToInt64Milliseconds(kUnifiedSessionOffset)) %
                      absl::ToInt64Milliseconds(kUnifiedSessionPeriod));
}

}  // namespace portrait::whatsapp
