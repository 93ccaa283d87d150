#include "core/lookup/fair_queue.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace portrait {
namespace {

// One in this many turns of a tenant is reserved for its bulk, even if urgent
// tasks would fill them all.
constexpr size_t kTurnsPerBulk = 8;

bool HasTasks(const Flow& flow) {
  return std::any_of(
      flow.tasks.begin(), flow.tasks.end(), [](const auto& by_kind) {
        return std::any_of(
            by_kind.begin(), by_kind.end(),
            [](const auto& kind) { return !kind.second.empty(); });
      });
}

std::list<Flow>::iterator FlowOf(Share& share, absl::string_view only_session,
                                 absl::string_view returned_by) {
  const auto found = std::find_if(share.flows.begin(), share.flows.end(),
                                  [&](const Flow& flow) {
                                    return flow.only_session == only_session &&
                                           flow.returned_by == returned_by;
                                  });
  if (found != share.flows.end()) return found;
  Flow flow;
  flow.only_session = std::string(only_session);
  flow.returned_by = std::string(returned_by);
  return share.flows.insert(share.flows.end(), std::move(flow));
}

}  // namespace

void FairQueue::Push(const std::string& tenant, absl::string_view returned_by,
                     End end, Task* task) {
  auto [found, is_new] = shares_.try_emplace(tenant);
  if (is_new) {
    found->second = ring_.insert(ring_.end(), Share{});
    found->second->tenant = tenant;
  }
  const std::list<Share>::iterator share = found->second;
  const std::list<Flow>::iterator flow =
      FlowOf(*share, task->contact.only_session, returned_by);
  const bool urgent = task->contact.urgent;
  std::list<Task*>& tasks = flow->tasks[urgent][task->contact.contact.kind];
  const auto where = end == End::kFront ? tasks.begin() : tasks.end();
  task->places.push_back({share, flow, tasks.insert(where, task)});
  if (flow->only_session.empty()) ++open_[urgent];
}

void FairQueue::Remove(Task* task) {
  Unlink(task);
  Prune();
}

// Leaves empty shares in the ring, so that a caller may keep iterating over it.
void FairQueue::Unlink(Task* task) {
  const bool urgent = task->contact.urgent;
  for (const QueuePlace& place : task->places) {
    place.flow->tasks[urgent][task->contact.contact.kind].erase(place.position);
    if (place.flow->only_session.empty()) --open_[urgent];
    if (place.share->maybe_empty) continue;
    place.share->maybe_empty = true;
    maybe_empty_.push_back(place.share);
  }
  task->places.clear();
}

void FairQueue::Prune() {
  for (const std::list<Share>::iterator share : maybe_empty_) {
    share->maybe_empty = false;
    share->flows.remove_if([](const Flow& flow) { return !HasTasks(flow); });
    if (!share->flows.empty()) continue;
    shares_.erase(share->tenant);
    ring_.erase(share);
  }
  maybe_empty_.clear();
}

Task* FairQueue::NextIn(const Flow& flow, bool urgent, ContactKind kind,
                        const Taker& taker) {
  const auto tasks = flow.tasks[urgent].find(kind);
  if (tasks == flow.tasks[urgent].end() || tasks->second.empty()) {
    return nullptr;
  }
  if (!flow.only_session.empty() && flow.only_session != taker.session) {
    return nullptr;
  }
  Task* const next = tasks->second.front();
  const bool may_take =
      flow.returned_by != taker.session || next->not_before <= taker.now;
  return may_take ? next : nullptr;
}

Task* FairQueue::OldestIn(const Share& share, bool urgent,
                          std::optional<ContactKind> kind, const Taker& taker) {
  Task* oldest = nullptr;
  for (const Flow& flow : share.flows) {
    for (const auto& [each, tasks] : flow.tasks[urgent]) {
      if (kind.has_value() && each != *kind) continue;
      Task* const next = NextIn(flow, urgent, each, taker);
      if (next == nullptr) continue;
      if (oldest == nullptr || next->contact.id < oldest->contact.id) {
        oldest = next;
      }
    }
  }
  return oldest;
}

Task* FairQueue::NextIn(const Share& share, ContactKind kind,
                        const Taker& taker) {
  Task* const urgent = OldestIn(share, /*urgent=*/true, kind, taker);
  if (taker.wanted == Wanted::kUrgentOnly) return urgent;
  if (urgent != nullptr && share.urgent_since_bulk + 1 < kTurnsPerBulk) {
    return urgent;
  }
  Task* const bulk = OldestIn(share, /*urgent=*/false, kind, taker);
  return bulk != nullptr ? bulk : urgent;
}

std::optional<ContactKind> FairQueue::NextKind(const Taker& taker) {
  for (const Share& share : ring_) {
    const Task* next = OldestIn(share, /*urgent=*/true, std::nullopt, taker);
    if (taker.wanted == Wanted::kAnything &&
        (next == nullptr || share.urgent_since_bulk + 1 >= kTurnsPerBulk)) {
      const Task* const bulk =
          OldestIn(share, /*urgent=*/false, std::nullopt, taker);
      if (bulk != nullptr) next = bulk;
    }
    if (next != nullptr) return next->contact.contact.kind;
  }
  return std::nullopt;
}

void FairQueue::Take(ContactKind kind, const Taker& taker, size_t max_tasks,
                     TakeTask take) {
  size_t taken = 0;
  // A share that gave a task moves to the end of the ring, which this loop
  // reaches later; the other shares keep their place.
  for (auto share = ring_.begin(); share != ring_.end() && taken < max_tasks;) {
    Task* const task = NextIn(*share, kind, taker);
    if (task == nullptr) {
      ++share;
      continue;
    }
    Unlink(task);
    if (task->contact.urgent) {
      ++share->urgent_since_bulk;
    } else {
      share->urgent_since_bulk = 0;
    }
    if (take(share->tenant, task)) ++taken;
    auto next = std::next(share);
    ring_.splice(ring_.end(), ring_, share);
    share = next == ring_.end() ? share : next;
  }
  Prune();
}

absl::Time FairQueue::OldestSubmission() const {
  absl::Time oldest = absl::InfiniteFuture();
  for (const Share& share : ring_) {
    for (const Flow& flow : share.flows) {
      for (const auto& by_kind : flow.tasks) {
        for (const auto& [kind, tasks] : by_kind) {
          if (tasks.empty()) continue;
          oldest = std::min(oldest, tasks.front()->submitted_at);
        }
      }
    }
  }
  return oldest;
}

std::vector<std::string> FairQueue::SessionsWaitedFor() const {
  std::vector<std::string> sessions;
  for (const Share& share : ring_) {
    for (const Flow& flow : share.flows) sessions.push_back(flow.only_session);
  }
  std::sort(sessions.begin(), sessions.end());
  sessions.erase(std::unique(sessions.begin(), sessions.end()), sessions.end());
  return sessions;
}

}  // namespace portrait
