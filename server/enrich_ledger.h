// EnrichLedger follows the items of an enrichment stream from being read to
// leaving as results, and says what the stream may do next. It knows no gRPC.
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
  // How the stream has to end.
  enum class End {
    kNotYet,    // items are owed a result, or more may come
    kDone,      // every item that was read has its result
    kShutdown,  // items were abandoned, or no more are taken
  };

  // `window`: while the stream holds so many items, it reads no more.
  explicit EnrichLedger(size_t window) : window_(window) {}

  // A read was started; it ended, with items, or because the caller has no
  // more. Items that arrive after Shutdown count as not received: false.
  void StartRead() { reading_ = true; }
  bool Read(std::vector<LookupItem> items);
  void ReadFailed() { reading_ = false; }
  void HalfClose();

  // All items that wait; they count as asked from now on. PutBack returns the
  // ones that were not admitted, before anything else is read.
  std::vector<LookupItem> TakeWaiting();
  void PutBack(std::vector<LookupItem> items);

  // `results` were answered, beside `abandoned` which the server gives up: the
  // caller sends these elsewhere.
  void Answered(size_t results, size_t abandoned);
  // `results` of the queued leave with the next message; it has left.
  void Leave(size_t results);
  void Left() { leaving_ = 0; }

  // No more items are taken; the waiting ones are abandoned.
  void Shutdown();

  bool MayRead() const;
  bool has_waiting() const { return !waiting_.empty(); }
  size_t leaving() const { return leaving_; }
  // Items that were read and have no result in a message yet.
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
