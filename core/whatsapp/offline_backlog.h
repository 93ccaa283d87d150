// The stanzas that the server queued while the device was offline.
#ifndef PORTRAIT_CORE_WHATSAPP_OFFLINE_BACKLOG_H_
#define PORTRAIT_CORE_WHATSAPP_OFFLINE_BACKLOG_H_

#include <cstdint>

#include "absl/time/time.h"
#include "core/whatsapp/node.h"

namespace portrait::whatsapp {

// The delay between the first stanza of a batch and the request for the next
// batch.
inline constexpr absl::Duration kOfflineBatchDelay = absl::Milliseconds(100);

// The server announces the number of queued stanzas, sends a few, and waits for
// requests for the rest, batch by batch. Pure; thread-compatible.
class OfflineBacklog {
 public:
  // Handles <ib><offline_preview count>; returns true if a batch must be
  // requested now.
  bool OnPreview(const Node& preview);
  // Handles any stanza; returns true if it is the first of a batch that is not
  // the last, so that the next one must be requested after kOfflineBatchDelay.
  bool OnStanza(const Node& stanza);
  // Handles the end of the delay; returns true if a batch must be requested.
  bool OnDelayOver();
  // Handles <ib><offline>: all queued stanzas have arrived.
  void OnComplete() {
    remaining_ = 0;
    complete_ = true;
  }
  bool complete() const { return complete_; }

 private:
  uint64_t remaining_ = 0;
  bool first_of_batch_ = true;
  bool complete_ = false;
};

// The request <ib><offline_batch count>, as WhatsApp Web sends it.
Node MakeOfflineBatchRequest();

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_OFFLINE_BACKLOG_H_
