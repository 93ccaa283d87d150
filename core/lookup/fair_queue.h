// FairQueue holds queued tasks of one urgency. Waiting tenants take turns, and
// the tasks of each are taken oldest first.
//
//   ring of flows: tenant, required session (if any), queued task ids
//     flow "acme"          phone numbers: 17, 19, 20 …   LIDs: 18
//     flow "acme", "bot-2" phone numbers: 31
//     flow "zeta"          groups: 4
#ifndef PORTRAIT_CORE_LOOKUP_FAIR_QUEUE_H_
#define PORTRAIT_CORE_LOOKUP_FAIR_QUEUE_H_

#include <cstddef>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/lookup/task.h"

namespace portrait {

// Identifies a flow: the tasks that one tenant waits for and that the same
// sessions may take. Flows take turns.
struct FlowKey {
  std::string tenant;
  std::string only_session;  // empty: any session
  std::string returned_by;   // the session that gave the tasks back, or empty

  bool operator==(const FlowKey&) const = default;
  template <typename H>
  friend H AbslHashValue(H h, const FlowKey& key) {
    return H::combine(std::move(h), key.tenant, key.only_session,
                      key.returned_by);
  }
};

struct Flow {
  FlowKey key;
  std::map<ContactKind, std::list<Task*>> tasks;
  bool maybe_empty = false;  // FairQueue::Prune must check it
};

// Thread-compatible. Borrows the pushed tasks until they are taken or removed.
// Every operation takes constant time, except for skipping flows whose tasks
// the session may not take.
class FairQueue {
 public:
  enum class End { kFront, kBack };

  // Queues `task` for one more tenant, as its last or its next task. A new flow
  // gets its first turn after all others.
  void Push(const FlowKey& key, End end, Task* task);

  // Removes `task` from all flows.
  void Remove(Task* task);

  // The kind of the task that `session` should take next; nullopt if there is
  // none.
  std::optional<ContactKind> NextKind(absl::string_view session,
                                      absl::Time now);

  // Removes up to `max_tasks` of one kind, one per flow in turn, and passes
  // them to `take`, which returns whether the task counts.
  void Take(ContactKind kind, absl::string_view session, absl::Time now,
            size_t max_tasks, absl::FunctionRef<bool(Task*)> take);

  // The time when the oldest queued task was submitted; InfiniteFuture if none
  // is queued.
  absl::Time OldestSubmission() const;

  // The distinct `only_session`s of the queued tasks.
  std::vector<std::string> SessionsWaitedFor() const;

  bool empty() const { return ring_.empty(); }
  // Whether some tasks may be taken by any session.
  bool has_open() const { return open_flows_ > 0; }

 private:
  // The next task of that kind in `flow` for that session; null if there is
  // none now.
  static Task* NextIn(const Flow& flow, ContactKind kind,
                      absl::string_view session, absl::Time now);
  void Unlink(Task* task);
  void Prune();

  std::list<Flow> ring_;  // the front has the next turn
  absl::flat_hash_map<FlowKey, std::list<Flow>::iterator> flows_;
  std::vector<std::list<Flow>::iterator> maybe_empty_;
  size_t open_flows_ = 0;  // flows whose tasks any session may take
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_LOOKUP_FAIR_QUEUE_H_
