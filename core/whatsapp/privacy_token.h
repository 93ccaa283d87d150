// The tokens by which WhatsApp knows who may see what, and the id of a
// client's session.
#ifndef PORTRAIT_CORE_WHATSAPP_PRIVACY_TOKEN_H_
#define PORTRAIT_CORE_WHATSAPP_PRIVACY_TOKEN_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/whatsapp/jid.h"

namespace portrait::whatsapp {

// Trusted contact tokens live in buckets of a week, counted from the epoch: one
// counts for the rest of its bucket and three more.
inline constexpr absl::Duration kPrivacyTokenBucket = absl::Hours(7 * 24);
inline constexpr int kPrivacyTokenBuckets = 4;

bool IsPrivacyTokenExpired(absl::Time token_time, absl::Time now);
// Whether our own token, last issued then, is due again.
bool ShouldReissuePrivacyToken(absl::Time issued, absl::Time now);

// Whether a picture query for `target` may carry a token: WhatsApp leaves those
// for oneself unanswered, and groups, channels and bots have none.
bool MayCarryPrivacyToken(const Jid& target, const Jid& own_pn,
                          const Jid& own_lid);

// The token of first messages to those who gave none ("cstoken"): `lid` as
// text, without device.
std::string ContactSaltToken(absl::string_view salt, absl::string_view lid);

// The `id` of <ib><unified_session>, by the server's clock.
std::string UnifiedSessionId(absl::Time server_now);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_PRIVACY_TOKEN_H_
