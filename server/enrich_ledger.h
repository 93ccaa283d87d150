// EnrichLedger tracks the items of an enrichment stream from their receipt to
// the sending of their results, and decides what the stream may do next. It
// does not depend on gRPC.
//
//   Read ─► waiting ─► asked ─► queued ─► leaving ─► Left
//             ▲ rate     │        (the results wait for a message)
//             └──────────┘ PutBack
#ifndef PORTRAIT_SERVER_ENRICH_LEDGER_H_
#define PORTRAIT_SERVER_ENRICH_LEDGER_H_

#include <cstddef>
#include <vector>

#include "core/lookup/lookup_request.h"

namespace portrait {

// Thread-compatible.
class EnrichLedger {
 public:
  // The way in which the stream must end.
  enum class End {
    kNotYet,    // results are missing, or more items may come
    kDone,      // every received item has its result
    kShutdown,  // items were abandoned, or no more are accepted
  };

  // While the stream holds at least `window` items, it reads no more.
  explicit EnrichLedger(size_t window) : window_(window) {}

  // StartRead: a read was started. Read: it ended, with items or because the
  // caller has sent all. Returns false if items arrive after Shutdown, which
  // count as not received.
  void StartRead() { reading_ = true; }
  bool Read(std::vector<LookupItem> items);
  void ReadFailed() { reading_ = false; }
  void HalfClose();

  // Removes all waiting items, which then count as asked. PutBack returns those
  // that were not admitted; no items may be read in between.
  std::vector<LookupItem> TakeWaiting();
  void PutBack(std::vector<LookupItem> items);

  // `results` of the asked items were answered, and the server gives up
  // `abandoned` ones. The caller keeps the results themselves.
  void Answered(size_t results, size_t abandoned);
  // `results` of the queued ones go into the next message; Left: it was sent.
  void Leave(size_t results);
  void Left() { leaving_ = 0; }

  // Accepts no more items, and abandons the waiting ones.
  void Shutdown();

  bool MayRead() const;
  bool has_waiting() const { return !waiting_.empty(); }
  size_t leaving() const { return leaving_; }
  // Received items whose result is not in a message yet.
  size_t owed() const { return waiting_.size() + asked_ + queued_; }
  End end() const;

 private:
  const size_t window_;
  std::vector<LookupItem> waiting_;
  size_t asked_ = 0;
  size_t queued_ = 0;
  size_t leaving_ = 0;
  size_t abandoned_ = 0;
  bool reading_ = false;
  bool half_closed_ = false;
  bool shutting_down_ = false;
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_ENRICH_LEDGER_H_
