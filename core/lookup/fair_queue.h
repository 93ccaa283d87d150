// FairQueue holds queued tasks. Waiting tenants take turns; within a tenant's
// share, urgent tasks go first, and older ones before younger ones.
//
//   ring of shares: one for each tenant that waits
//     share "acme"  any session      urgent: phone numbers 31 …
//                                    bulk: phone numbers 17, 19 …   LIDs 18
//                   session "bot-2"  bulk: phone numbers 20
//     share "zeta"  any session      bulk: groups 4
#ifndef PORTRAIT_CORE_LOOKUP_FAIR_QUEUE_H_
#define PORTRAIT_CORE_LOOKUP_FAIR_QUEUE_H_

#include <array>
#include <cstddef>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/lookup/task.h"

namespace portrait {

// The part of a share that the same sessions may take.
struct Flow {
  std::string only_session;  // empty: any session
  std::string returned_by;   // empty, or the session that gave them back
  // Oldest first; index 1 has the urgent tasks.
  std::array<std::map<ContactKind, std::list<Task*>>, 2> tasks;
};

// All tasks that one tenant waits for. Shares take turns, so that a tenant
// gains nothing by naming sessions or by making every request urgent.
struct Share {
  std::string tenant;
  std::list<Flow> flows;  // few: at most two for each session
  size_t urgent_since_bulk = 0;
  bool maybe_empty = false;  // FairQueue::Prune must check it
};

// Thread-compatible. Borrows the pushed tasks until they are taken or removed.
// Every operation takes constant time, except for skipping flows whose tasks
// the session may not take.
class FairQueue {
 public:
  enum class End { kFront, kBack };
  enum class Wanted { kAnything, kUrgentOnly };
  // The session that takes tasks, the time, and the wanted tasks.
  struct Taker {
    absl::string_view session;
    absl::Time now;
    Wanted wanted = Wanted::kAnything;
  };

  // Queues `task` for one more tenant, as its last or its next task. A new
  // share gets its first turn after all others.
  void Push(const std::string& tenant, absl::string_view returned_by, End end,
            Task* task);

  // Removes `task` from all flows. Its urgency must be that of its Push.
  void Remove(Task* task);

  // The kind of the task that should be taken next; nullopt if there is none.
  std::optional<ContactKind> NextKind(const Taker& taker);

  // Removes up to `max_tasks` of one kind, one per share in turn, and passes
  // them with the tenant to `take`, which returns whether the task counts.
  using TakeTask = absl::FunctionRef<bool(const std::string& tenant, Task*)>;
  void Take(ContactKind kind, const Taker& taker, size_t max_tasks,
            TakeTask take);

  // The time when the oldest queued task was submitted; InfiniteFuture if none
  // is queued.
  absl::Time OldestSubmission() const;

  // The distinct `only_session`s of the queued tasks.
  std::vector<std::string> SessionsWaitedFor() const;

  // Whether there are tasks that any session may take.
  bool has_open() const { return open_[0] + open_[1] > 0; }
  bool has_open_urgent() const { return open_[1] > 0; }

 private:
  // The next task of that kind in `flow` or `share`; null if there is none now.
  static Task* NextIn(const Flow& flow, bool urgent, ContactKind kind,
                      const Taker& taker);
  static Task* NextIn(const Share& share, ContactKind kind, const Taker& taker);
  // The oldest task with that urgency, of `kind` or of any kind.
  static Task* OldestIn(const Share& share, bool urgent,
                        std::optional<ContactKind> kind, const Taker& taker);
  void Unlink(Task* task);
  void Prune();

  std::list<Share> ring_;  // the front has the next turn
  absl::flat_hash_map<std::string, std::list<Share>::iterator> shares_;
  std::vector<std::list<Share>::iterator> maybe_empty_;
  // Number of bulk and of urgent tasks for any session.
  std::array<size_t, 2> open_ = {};
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_LOOKUP_FAIR_QUEUE_H_
