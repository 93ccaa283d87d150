// Privacy tokens, which WhatsApp requires for some data of contacts, and the id
// of a client's session.
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

// Trusted contact tokens belong to buckets of one week, counted from the epoch:
// a token is valid for the rest of its bucket and three more.
inline constexpr absl::Duration kPrivacyTokenBucket = absl::Hours(7 * 24);
inline constexpr int kPrivacyTokenBuckets = 4;

// The lifetime of tokens, which the server may change, see AbProps.
struct PrivacyTokenLife {
  absl::Duration bucket = kPrivacyTokenBucket;
  int buckets = kPrivacyTokenBuckets;
};
bool IsPrivacyTokenExpired(absl::Time token_time, absl::Time now,
                           const PrivacyTokenLife& life = {});
// Whether our own token, last issued at `issued`, must be issued again.
bool ShouldReissuePrivacyToken(absl::Time issued, absl::Time now);

// Whether a picture query for `target` may carry a token: WhatsApp never
// answers one for our own picture, and groups, channels and bots have no
// tokens.
bool MayCarryPrivacyToken(const Jid& target, const Jid& own_pn,
                          const Jid& own_lid);

// A token that a contact gave to our account. With it, WhatsApp shows our
// account the data that the contact shows to trusted people. Secret: never
// logged.
struct PrivacyToken {
  // The contact's addresses; one may be empty.
  Jid pn, lid;
  std::string bytes;
  absl::Time issued_at;
};
// The tokens in a <notification type="privacy_token">; none for any other
// stanza.
std::vector<PrivacyToken> ParsePrivacyTokens(const Node& notification);

// The valid tokens of an account's contacts, the newest of each. A value type;
// thread-compatible.
class PrivacyTokens {
 public:
  // If there are more tokens, the oldest is dropped.
  static constexpr size_t kMost = 1000;
  static constexpr size_t kMaxTokenBytes = 1024;

  PrivacyTokens() = default;
  // Takes the result of all() of a stored object.
  explicit PrivacyTokens(std::vector<PrivacyToken> tokens)
      : tokens_(std::move(tokens)) {}

  // Returns false if the token is ignored: expired, older than the stored one,
  // or of an invalid size.
  bool Keep(PrivacyToken token, absl::Time now,
            const PrivacyTokenLife& life = {});
  // The token of the contact with that PN or that LID (one may be empty); null
  // if there is no valid token. The pointer is valid until the next change.
  const PrivacyToken* FindToken(const Jid& pn, const Jid& lid, absl::Time now,
                                const PrivacyTokenLife& life = {}) const;
  // The bytes of FindToken(); empty if there is no valid token.
  std::string Find(const Jid& pn, const Jid& lid, absl::Time now,
                   const PrivacyTokenLife& life = {}) const;

  // Returns false if there is no token for that PN or LID.
  bool Forget(const Jid& owner);

  const std::vector<PrivacyToken>& all() const { return tokens_; }

 private:
  // At most two per contact: by PN and by LID.
  std::vector<PrivacyToken> tokens_;
};

// The token ("cstoken") of first messages to contacts that gave no token: `lid`
// is text without a device.
std::string ContactSaltToken(absl::string_view salt, absl::string_view lid);

// The `id` of <ib><unified_session>, by the server's clock.
std::string UnifiedSessionId(absl::Time server_now);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_PRIVACY_TOKEN_H_
