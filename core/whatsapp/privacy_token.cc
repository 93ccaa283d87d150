#include "core/whatsapp/privacy_token.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/whatsapp/crypto.h"

namespace portrait::whatsapp {
namespace {

constexpr absl::Duration kUnifiedSessionOffset = absl::Hours(3 * 24);
constexpr absl::Duration kUnifiedSessionPeriod = absl::Hours(7 * 24);

int64_t BucketOf(absl::Time time, absl::Duration bucket = kPrivacyTokenBucket) {
  return absl::ToUnixSeconds(time) / absl::ToInt64Seconds(bucket);
}

// Includes the phone numbers of official bots.
bool IsBot(const Jid& jid) {
  return jid.server == kBotServer ||
         (jid.IsPhoneNumber() && (absl::StartsWith(jid.user, "1313555") ||
                                  absl::StartsWith(jid.user, "131655500")));
}

bool IsOf(const PrivacyToken& token, const Jid& pn, const Jid& lid) {
  return (!pn.user.empty() && token.pn == pn) ||
         (!lid.user.empty() && token.lid == lid);
}

}  // namespace

bool IsPrivacyTokenExpired(absl::Time token_time, absl::Time now,
                           const PrivacyTokenLife& life) {
  return BucketOf(token_time, life.bucket) <
         BucketOf(now, life.bucket) - (life.buckets - 1);
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

std::vector<PrivacyToken> ParsePrivacyTokens(const Node& notification) {
  std::vector<PrivacyToken> parsed;
  const Node* const tokens = notification.FindChild("tokens");
  if (notification.tag != "notification" || tokens == nullptr ||
      notification.AttributeOr("type") != "privacy_token") {
    return parsed;
  }
  // The jid of a <token> is our own; the token's owner is the notification's
  // sender.
  PrivacyToken owner;
  for (const char* attribute : {"from", "sender_lid"}) {
    const std::optional<Jid> jid = notification.JidAttribute(attribute);
    if (!jid.has_value() || jid->user.empty()) continue;
    const Jid account = jid->WithoutDevice();
    if (account.IsPhoneNumber()) owner.pn = account;
    if (account.IsLid()) owner.lid = account;
  }
  if (owner.pn.user.empty() && owner.lid.user.empty()) return parsed;
  for (const Node& token : tokens->children()) {
    const std::optional<uint64_t> t = token.NumberAttribute("t");
    if (token.tag != "token" || !t.has_value() ||
        token.AttributeOr("type") != "trusted_contact") {
      continue;
    }
    owner.bytes = token.Data();
    owner.issued_at = absl::FromUnixSeconds(static_cast<int64_t>(*t));
    parsed.push_back(owner);
  }
  return parsed;
}

bool PrivacyTokens::Keep(PrivacyToken token, absl::Time now,
                         const PrivacyTokenLife& life) {
  if (token.bytes.empty() || token.bytes.size() > kMaxTokenBytes ||
      IsPrivacyTokenExpired(token.issued_at, now, life)) {
    return false;
  }
  for (const PrivacyToken& held : tokens_) {
    if (!IsOf(held, token.pn, token.lid)) continue;
    if (held.issued_at > token.issued_at ||
        (held.issued_at == token.issued_at && held.bytes == token.bytes)) {
      return false;
    }
    // Addresses of the owner in the older token are kept.
    if (token.pn.user.empty()) token.pn = held.pn;
    if (token.lid.user.empty()) token.lid = held.lid;
  }
  const auto is_over = [&](const PrivacyToken& held) {
    return IsOf(held, token.pn, token.lid) ||
           IsPrivacyTokenExpired(held.issued_at, now, life);
  };
  tokens_.erase(std::remove_if(tokens_.begin(), tokens_.end(), is_over),
                tokens_.end());
  if (tokens_.size() >= kMost) {
    tokens_.erase(
        std::min_element(tokens_.begin(), tokens_.end(),
                         [](const PrivacyToken& a, const PrivacyToken& b) {
                           return a.issued_at < b.issued_at;
                         }));
  }
  tokens_.push_back(std::move(token));
  return true;
}

const PrivacyToken* PrivacyTokens::FindToken(
    const Jid& pn, const Jid& lid, absl::Time now,
    const PrivacyTokenLife& life) const {
  // An owner may have two tokens: one by PN only, and a later one by LID only.
  const PrivacyToken* newest = nullptr;
  for (const PrivacyToken& held : tokens_) {
    if (!IsOf(held, pn, lid)) continue;
    if (newest == nullptr || held.issued_at > newest->issued_at) newest = &held;
  }
  const bool counts =
      newest != nullptr && !IsPrivacyTokenExpired(newest->issued_at, now, life);
  return counts ? newest : nullptr;
}

std::string PrivacyTokens::Find(const Jid& pn, const Jid& lid, absl::Time now,
                                const PrivacyTokenLife& life) const {
  const PrivacyToken* const token = FindToken(pn, lid, now, life);
  return token == nullptr ? "" : token->bytes;
}

bool PrivacyTokens::Forget(const Jid& owner) {
  const auto end = std::remove_if(
      tokens_.begin(), tokens_.end(),
      [&](const PrivacyToken& held) { return IsOf(held, owner, owner); });
  const bool held = end != tokens_.end();
  tokens_.erase(end, tokens_.end());
  return held;
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
