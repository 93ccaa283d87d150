// ItemWindow holds the items of a bulk lookup from the time they are read from
// the source until their results are returned to the caller. It limits the
// memory of a run, ensures that each item has exactly one result, and knows
// which items to send again over a new stream.
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
  size_t max_held = 50'000;        // unsent, sent and settled
  // Return results in the order in which the items were added. An item without
  // an answer then delays the results of all later items.
  bool ordered = false;
};

// Thread-safe. One thread adds items; another thread calls the other methods.
class ItemWindow {
 public:
  // Add and EndInput call `changed`, without locks held, to notify the other
  // thread.
  ItemWindow(ItemWindowOptions options, std::function<void()> changed);

  // Adds an item; blocks while the window is full. Returns false if the window
  // is closed; the item is then not added. If the contact is empty, not UTF-8
  // or longer than kMaxContactBytes, the item is settled with INVALID_CONTACT
  // and never sent.
  bool Add(v1::EnrichItem item);
  // Says that no more items will be added, because the source has ended (OK) or
  // failed.
  void EndInput(absl::Status status);
  // Rejects all further items and unblocks Add.
  void Close();

  // Moves up to `max_items` unsent items, oldest first, into `request`. In the
  // request, the window's own tags replace theirs.
  void FillRequest(size_t max_items, v1::EnrichProfilePicturesRequest* request);
  // Stores the result of a sent item. If no sent item has the result's tag,
  // returns false and changes nothing.
  bool Settle(v1::EnrichResult result);
  // Removes and returns the results that can be returned to the caller now.
  // They have the caller's tags.
  std::vector<v1::EnrichResult> TakeSettled();
  // Marks all sent items as unsent, because their stream has ended. Returns the
  // number of these items.
  size_t Rewind();

  struct Stats {
    uint64_t added = 0;    // total number of items added
    uint64_t refused = 0;  // of these, items that Add settled itself
    size_t unsent = 0;
    size_t sent = 0;                    // sent, without an answer
    absl::Time unsent_since;            // when the oldest unsent item was added
    std::optional<absl::Status> input;  // how the input ended; unset: not yet
    bool empty = false;                 // the window holds no items
  };
  Stats stats() const;

 private:
  enum class State { kUnsent, kSent, kSettled };
  struct Slot {
    v1::EnrichItem item;  // has the caller's tag
    State state = State::kUnsent;
    v1::EnrichResult result;  // set if the state is kSettled
  };
  bool HasRoomLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const ItemWindowOptions options_;
  const std::function<void()> changed_;

  mutable absl::Mutex mu_;
  absl::btree_map<uint64_t, Slot> slots_
      ABSL_GUARDED_BY(mu_);  // by the window's tag
  uint64_t next_tag_ ABSL_GUARDED_BY(mu_) = 1;
  uint64_t refused_ ABSL_GUARDED_BY(mu_) = 0;
  std::deque<uint64_t> unsent_ ABSL_GUARDED_BY(mu_);
  std::deque<uint64_t> settled_ ABSL_GUARDED_BY(mu_);  // empty if ordered
  size_t sent_ ABSL_GUARDED_BY(mu_) = 0;
  absl::Time unsent_since_ ABSL_GUARDED_BY(mu_);
  std::optional<absl::Status> input_ ABSL_GUARDED_BY(mu_);
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
};

// The longest contact that is sent to the server. A longer contact has the
// result INVALID_CONTACT.
inline constexpr size_t kMaxContactBytes = 1024;

}  // namespace portrait::client

#endif  // PORTRAIT_CLIENT_ITEM_WINDOW_H_
