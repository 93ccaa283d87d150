// AB props: settings by which WhatsApp's server changes the behaviour of its
// clients. Pure functions.
#ifndef PORTRAIT_CORE_WHATSAPP_AB_PROPS_H_
#define PORTRAIT_CORE_WHATSAPP_AB_PROPS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/whatsapp/node.h"
#include "core/whatsapp/privacy_token.h"

namespace portrait::whatsapp {

// The few props, of some two thousand, that this client uses. The defaults are
// WhatsApp Web's. An account stores them between runs.
struct AbProps {
  // Prop 9666: picture queries carry the contact's token.
  bool token_with_picture = true;
  // Prop 4992: a token that is sent has its time with it.
  bool token_with_time = false;
  // 865 and 909: how long a token is valid.
  absl::Duration token_bucket = kPrivacyTokenBucket;
  int token_buckets = kPrivacyTokenBuckets;

  // Identifies the whole set; empty: the server names none.
  std::string hash;
  // `abprops` of the latest <success> at the time of the fetch.
  std::string refresh_id;
  // When to fetch again. InfinitePast: never fetched. InfiniteFuture: only
  // after a <success> with another refresh id.
  absl::Time due = absl::InfinitePast();

  bool fetched() const { return due != absl::InfinitePast(); }
  bool operator==(const AbProps&) const = default;
};

// Requests the changes since `held`, or with `whole` all props.
Node MakeAbPropsQuery(const AbProps& held, bool whole);

// Applies an answer to `held`. The answer has all props, or only the props that
// changed. A prop that cannot be read keeps its value.
//
// Errors: INVALID_ARGUMENT for an answer without props, those of IqError().
absl::Status ApplyAbProps(const Node& iq, absl::Time now, AbProps& held);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_AB_PROPS_H_
