// ItemWindow holds the items of a bulk lookup from the moment they are taken
// from the caller until their result is handed back. It is what bounds a run's
// memory, what makes sure of one result each, and what knows which items have
// to be sent again over a new stream.
//
//   Add ──► unsent ──FillRequest──► sent ──Settle──► settled ──TakeSettled──►
//             ▲                      │
//             └───────Rewind─────────┘
#ifndef PORTRAIT_CLIENT_ITEM_WINDOW_H_
#define PORTRAIT_CLIENT_ITEM_WINDOW_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/btree_map.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "portrait/v1/profile_picture.pb.h"

namespace portrait::client {

struct ItemWindowOptions {
  size_t max_unanswered = 10'000;  // unsent and sent
  size_t max_held = 50'000;        // all that is inside, settled ones too
  // Settled items leave in the order in which they were added; one that is not
  // answered yet keeps back those after it.
  bool ordered = false;
};

// Thread-safe. One thread adds, another does the rest.
class ItemWindow {
 public:
  // `changed` is called, without locks held, when Add or EndInput has made work
  // for the other thread.
  ItemWindow(ItemWindowOptions options, std::function<void()> changed);

  // Waits for room. False when the window was closed: the item was not taken.
  // An item that no server can be asked about (its contact is empty, not UTF-8
  // or longer than kMaxContactBytes) is settled on the spot.
  bool Add(v1::EnrichItem item);
  // No more items come: the source is at its end, or has failed.
  void EndInput(absl::Status status);
  // Refuses items from now on and wakes Add.
  void Close();

  // Moves unsent items, oldest first, into `request` under the window's own
  // tags; up to `max_items` of them.
  void FillRequest(size_t max_items, v1::EnrichProfilePicturesRequest* request);
  // Takes a result that came for a sent item. False, and nothing changes, for a
  // tag that is not waiting for one.
  bool Settle(v1::EnrichResult result);
  // Results that may be handed back now, under the caller's tags.
  std::vector<v1::EnrichResult> TakeSettled();
  // The stream is gone: what was sent and not answered is unsent again. Returns
  // how many items that are.
  size_t Rewind();

  struct Stats {
    uint64_t added = 0;  // in all
    size_t unsent = 0;
    size_t sent = 0;                    // sent and not answered
    absl::Time unsent_since;            // when the oldest unsent one came
    std::optional<absl::Status> input;  // set: ended, and how
    bool empty = false;                 // nothing inside
  };
  Stats stats() const;

 private:
  enum class State { kUnsent, kSent, kSettled };
  struct Slot {
    v1::EnrichItem item;  // under the caller's tag
    State state = State::kUnsent;
    v1::EnrichResult result;  // when settled
  };
  bool HasRoomLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const ItemWindowOptions options_;
  const std::function<void()> changed_;

  mutable absl::Mutex mu_;
  absl::btree_map<uint64_t, Slot> slots_ ABSL_GUARDED_BY(mu_);  // by own tag
  uint64_t next_tag_ ABSL_GUARDED_BY(mu_) = 1;
  std::deque<uint64_t> unsent_ ABSL_GUARDED_BY(mu_);
  std::deque<uint64_t> settled_ ABSL_GUARDED_BY(mu_);  // unless ordered
  size_t sent_ ABSL_GUARDED_BY(mu_) = 0;
  absl::Time unsent_since_ ABSL_GUARDED_BY(mu_);
  std::optional<absl::Status> input_ ABSL_GUARDED_BY(mu_);
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
};

// Longer contacts are answered INVALID_CONTACT without being sent.
inline constexpr size_t kMaxContactBytes = 1024;

}  // namespace portrait::client

#endif  // PORTRAIT_CLIENT_ITEM_WINDOW_H_
