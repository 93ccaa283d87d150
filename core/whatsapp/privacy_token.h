// The tokens by which WhatsApp knows who may see what, and the id of a
// client's session.
#ifndef PORTRAIT_CORE_WHATSAPP_PRIVACY_TOKEN_H_
#define PORTRAIT_CORE_WHATSAPP_PRIVACY_TOKEN_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/whatsapp/jid.h"
#include "core/whatsapp/node.h"

namespace portrait::whatsapp {

// Trusted contact tokens live in buckets of a week, counted from the epoch: one
// counts for the rest of its bucket and three more.
inline constexpr absl::Duration kPrivacyTokenBucket = absl::Hours(7 * 24);
inline constexpr int kPrivacyTokenBuckets = 4;

// The server may let them count for another time, see AbProps.
struct PrivacyTokenLife {
  absl::Duration bucket = kPrivacyTokenBucket;
  int buckets = kPrivacyTokenBuckets;
};
bool IsPrivacyTokenExpired(absl::Time token_time, absl::Time now,
                           const PrivacyTokenLife& life = {});
// Whether our own token, last issued then, is due again.
bool ShouldReissuePrivacyToken(absl::Time issued, absl::Time now);

// Whether a picture query for `target` may carry a token: WhatsApp leaves those
// for oneself unanswered, and groups, channels and bots have none.
bool MayCarryPrivacyToken(const Jid& target, const Jid& own_pn,
                          const Jid& own_lid);

// A token that a contact gave us: who sends it along may see what they show to
// those they trust. Secret: never logged.
struct PrivacyToken {
  // Whose; one may be empty.
  Jid pn, lid;
  std::string bytes;
  absl::Time issued_at;
};
// Those of a <notification type="privacy_token">; none for any other.
std::vector<PrivacyToken> ParsePrivacyTokens(const Node& notification);

// The tokens of an account's contacts: the newest of each, until it expires. A
// value type; thread-compatible.
class PrivacyTokens {
 public:
  // Beyond these the oldest goes.
  static constexpr size_t kMost = 1000;
  static constexpr size_t kMaxTokenBytes = 1024;

  PrivacyTokens() = default;
  // As all() had them.
  explicit PrivacyTokens(std::vector<PrivacyToken> tokens)
      : tokens_(std::move(tokens)) {}

  // False when it is no news: expired, older than the one we have, or no token.
  bool Keep(PrivacyToken token, absl::Time now,
            const PrivacyTokenLife& life = {});
  // The token of the contact with that PN or that LID (one may be empty). Empty
  // if there is no valid token.
  std::string Find(const Jid& pn, const Jid& lid, absl::Time now,
                   const PrivacyTokenLife& life = {}) const;

  // False when there is none of that PN or LID.
  bool Forget(const Jid& owner);

  const std::vector<PrivacyToken>& all() const { return tokens_; }

 private:
  std::vector<PrivacyToken> tokens_;  // One for each contact that wrote.
};

// The token of first messages to those who gave none ("cstoken"): `lid` as
// text, without device.
std::string ContactSaltToken(absl::string_view salt, absl::string_view lid);

// The `id` of <ib><unified_session>, by the server's clock.
std::string UnifiedSessionId(absl::Time server_now);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_PRIVACY_TOKEN_H_
