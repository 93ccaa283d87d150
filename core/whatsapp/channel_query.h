// The query for a channel ("newsletter"): its pictures come with what is known
// of it, in JSON, as paths without a host.
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
  bool exists = true;  // false: there is no such channel (any more)
  std::string name;
  // Of its picture; empty: it has none. Put after the address of WhatsApp's
  // picture servers a path is a URL, with an expiry of its own.
  std::string picture_id, image_path, preview_path;
};

// Errors: those of IqError(), also for one inside the answer; INVALID_ARGUMENT
// for what is no answer.
absl::StatusOr<ChannelAnswer> ParseChannelAnswer(const Node& iq);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_CHANNEL_QUERY_H_
