// The query for a channel ("newsletter"). The answer is JSON with the channel's
// facts and the paths of its pictures, without a host.
#ifndef PORTRAIT_CORE_WHATSAPP_CHANNEL_QUERY_H_
#define PORTRAIT_CORE_WHATSAPP_CHANNEL_QUERY_H_

#include <string>

#include "absl/status/statusor.h"
#include "core/whatsapp/jid.h"
#include "core/whatsapp/node.h"

namespace portrait::whatsapp {

// `channel` is 120363…@newsletter.
Node MakeChannelQuery(const Jid& channel);

struct ChannelAnswer {
  bool exists = true;  // false: the channel does not exist (any more)
  std::string name;
  // Facts of the picture; empty: it has none. A path appended to the address of
  // WhatsApp's picture servers is a URL; each path has its own expiry.
  std::string picture_id, image_path, preview_path;
};

// Errors: those of IqError(), also for an error inside the answer;
// INVALID_ARGUMENT for a malformed answer.
absl::StatusOr<ChannelAnswer> ParseChannelAnswer(const Node& iq);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_CHANNEL_QUERY_H_
