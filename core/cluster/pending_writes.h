// PendingWrites are the messages that this node has written to the log and not
// yet read back. A caller that waits for a message is told when it is applied,
// or that it will not be.
#ifndef PORTRAIT_CORE_CLUSTER_PENDING_WRITES_H_
#define PORTRAIT_CORE_CLUSTER_PENDING_WRITES_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "core/store/replica.h"

namespace portrait::cluster {

// What this node's copy of the store made of a message.
struct Outcome {
  uint64_t sequence = 0;  // of the change; 0: none
  uint64_t erased = 0;    // entries
};

// Messages that are waited for together. Thread-safe.
class WriteGroup {
 public:
  explicit WriteGroup(size_t messages)
      : outcomes_(messages), missing_(messages) {}

  // One outcome for each message, in their order, when all are applied.
  //
  // Errors: that of the first message that failed; UNAVAILABLE if the time is
  // up. Some of the messages may be applied.
  absl::StatusOr<std::vector<Outcome>> Await(absl::Duration timeout);

  // Returns whether a caller may still wait for the group.
  bool Succeed(size_t message, Outcome outcome);
  void Fail(const absl::Status& status);

 private:
  bool IsSettled() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return missing_ == 0 || !status_.ok();
  }

  absl::Mutex mu_;
  std::vector<Outcome> outcomes_ ABSL_GUARDED_BY(mu_);
  size_t missing_ ABSL_GUARDED_BY(mu_);
  bool is_given_up_ ABSL_GUARDED_BY(mu_) = false;
  absl::Status status_ ABSL_GUARDED_BY(mu_);
};

// Thread-safe.
class PendingWrites {
 public:
  struct Write {
    size_t place = 0;
    LogEntry entry;
    std::shared_ptr<WriteGroup> group;  // null: no caller waits
    size_t message = 0;                 // in the group
  };

  // An id for the next write; ids increase from 1.
  uint64_t NextId();
  void Add(uint64_t id, Write write);
  // Removes and returns the write; nothing if there is no such write.
  std::optional<Write> Take(uint64_t id);
  // Removes and returns all writes to a place, with their ids.
  std::vector<std::pair<uint64_t, Write>> TakeAllOf(size_t place);

  // Waits up to `timeout` until fewer than `limit` writes are pending; returns
  // whether that is so.
  bool WaitForRoom(size_t limit, absl::Duration timeout);
  // Waits up to `timeout` until no write to these places is pending; returns
  // whether that is so.
  bool WaitUntilNoneOf(const std::vector<size_t>& places,
                       absl::Duration timeout);
  // The group of the record's last pending write; null if there is none.
  std::shared_ptr<WriteGroup> GroupOfRecord(absl::string_view jid);

 private:
  absl::Mutex mu_;
  uint64_t last_id_ ABSL_GUARDED_BY(mu_) = 0;
  absl::flat_hash_map<uint64_t, Write> writes_ ABSL_GUARDED_BY(mu_);
  absl::flat_hash_map<size_t, size_t> counts_
      ABSL_GUARDED_BY(mu_);  // of places
  // The last write of each record.
  absl::flat_hash_map<std::string,
                      std::pair<uint64_t, std::shared_ptr<WriteGroup>>>
      records_ ABSL_GUARDED_BY(mu_);
};

}  // namespace portrait::cluster

#endif  // PORTRAIT_CORE_CLUSTER_PENDING_WRITES_H_
