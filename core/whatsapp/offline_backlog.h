// What waited at the server while the device was away.
#ifndef PORTRAIT_CORE_WHATSAPP_OFFLINE_BACKLOG_H_
#define PORTRAIT_CORE_WHATSAPP_OFFLINE_BACKLOG_H_

#include <cstdint>

#include "absl/time/time.h"
#include "core/whatsapp/node.h"

namespace portrait::whatsapp {

// After the first of a batch has come, the next one is asked for this much
// later.
inline constexpr absl::Duration kOfflineBatchDelay = absl::Milliseconds(100);

// The server announces how much there is, sends a few stanzas, and waits to be
// asked for the rest, batch by batch. Pure; thread-compatible.
class OfflineBacklog {
 public:
  // <ib><offline_preview count>: true when a batch is to be asked for now.
  bool OnPreview(const Node& preview);
  // Any stanza: true when it is the first of a batch that is not the last, and
  // the next is to be asked for after kOfflineBatchDelay.
  bool OnStanza(const Node& stanza);
  // The delay is over: true when a batch is to be asked for.
  bool OnDelayOver();
  // <ib><offline>: it has all come.
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

// <ib><offline_batch count>, as the web client asks.
Node MakeOfflineBatchRequest();

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_OFFLINE_BACKLOG_H_
