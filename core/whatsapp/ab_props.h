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

// The props that this client uses, of about two thousand; the defaults are
// WhatsApp Web's.
struct AbProps {
  // Prop 9666: picture queries carry the contact's token.
  bool token_with_picture = true;
  // Props 865 and 909: how long a token is valid.
  absl::Duration token_bucket = kPrivacyTokenBucket;
  int token_buckets = kPrivacyTokenBuckets;

  // The hash of the whole set; empty: never fetched.
  std::string hash;
  // The time until the next fetch; zero: the server gave none.
  absl::Duration refresh;
};

// Queries the props that have changed since `held`.
Node MakeAbPropsQuery(const AbProps& held);

// Applies the answer to `held`: all props, or those that changed. An unreadable
// value leaves its prop unchanged.
//
// Errors: INVALID_ARGUMENT for an answer without props, those of IqError().
absl::Status ApplyAbProps(const Node& iq, AbProps& held);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_AB_PROPS_H_
