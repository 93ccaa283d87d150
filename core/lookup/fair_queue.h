// FairQueue holds queued tasks of one urgency and deals them out in turn to the
// tenants that wait, oldest first for each.
//
//   ring of flows: who waits for which session
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

// What takes turns: the tasks one tenant waits for that the same sessions may
// take.
struct FlowKey {
  std::string tenant;
  std::string only_session;  // empty: any
  std::string returned_by;   // empty, or who gave them back

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
  bool maybe_empty = false;  // to be looked at by FairQueue::Prune
};

// Thread-compatible. Borrows the tasks pushed until they are taken or removed.
// Every step is constant time but for looking past flows whose tasks this
// session may not take.
class FairQueue {
 public:
  enum class End { kFront, kBack };

  // Queues `task` for one tenant more, as its last or its next. A new flow has
  // its first turn when all others had one.
  void Push(const FlowKey& key, End end, Task* task);

  // Wherever it stands.
  void Remove(Task* task);

  // The kind of the task that `session` should take next, if there is any.
  std::optional<ContactKind> NextKind(absl::string_view session,
                                      absl::Time now);

  // Removes up to `max_tasks` of one kind, each for another tenant in turn, and
  // hands them to `take`, which says whether that one counts.
  void Take(ContactKind kind, absl::string_view session, absl::Time now,
            size_t max_tasks, absl::FunctionRef<bool(Task*)> take);

  // The longest wait's beginning; InfiniteFuture when nothing waits.
  absl::Time OldestSubmission() const;

  // The distinct `only_session`s of what is queued.
  std::vector<std::string> SessionsWaitedFor() const;

  bool empty() const { return ring_.empty(); }
  // Whether some tasks may be taken by any session.
  bool has_open() const { return open_flows_ > 0; }

 private:
  // The next task of that kind in `flow` for that session; null: none now.
  static Task* NextIn(const Flow& flow, ContactKind kind,
                      absl::string_view session, absl::Time now);
  void Unlink(Task* task);
  void Prune();

  std::list<Flow> ring_;  // the front has the next turn
  absl::flat_hash_map<FlowKey, std::list<Flow>::iterator> flows_;
  std::vector<std::list<Flow>::iterator> maybe_empty_;
  size_t open_flows_ = 0;  // those of any session
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_LOOKUP_FAIR_QUEUE_H_
