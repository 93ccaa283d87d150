// AB props: the switches by which WhatsApp's server changes what its clients
// do. Pure functions.
#ifndef PORTRAIT_CORE_WHATSAPP_AB_PROPS_H_
#define PORTRAIT_CORE_WHATSAPP_AB_PROPS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/whatsapp/node.h"
#include "core/whatsapp/privacy_token.h"

namespace portrait::whatsapp {

// Of some two thousand, those that this client heeds; as WhatsApp Web has them
// until the server says otherwise.
struct AbProps {
  // 9666: picture queries carry the contact's token.
  bool token_with_picture = true;
  // 865 and 909: for how long a token counts.
  absl::Duration token_bucket = kPrivacyTokenBucket;
  int token_buckets = kPrivacyTokenBuckets;

  // Of the whole set; empty: never fetched.
  std::string hash;
  // When to ask again; zero: not told.
  absl::Duration refresh;
};

// Asks for what is new since `held`.
Node MakeAbPropsQuery(const AbProps& held);

// Reads the answer into `held`: all of them, or those that changed. What cannot
// be read of a prop leaves it as it is.
//
// Errors: INVALID_ARGUMENT for an answer without props, those of IqError().
absl::Status ApplyAbProps(const Node& iq, AbProps& held);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_AB_PROPS_H_
