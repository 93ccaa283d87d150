#include "core/lookup/fair_queue.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace portrait {
namespace {

bool HasTasks(const Flow& flow) {
  return std::any_of(flow.tasks.begin(), flow.tasks.end(),
                     [](const auto& kind) { return !kind.second.empty(); });
}

}  // namespace

void FairQueue::Push(const FlowKey& key, End end, Task* task) {
  auto [found, is_new] = flows_.try_emplace(key);
  if (is_new) {
    found->second = ring_.insert(ring_.end(), Flow{});
    found->second->key = key;
    if (key.only_session.empty()) ++open_flows_;
  }
  const std::list<Flow>::iterator flow = found->second;
  std::list<Task*>& tasks = flow->tasks[task->contact.contact.kind];
  const auto where = end == End::kFront ? tasks.begin() : tasks.end();
  task->places.push_back({flow, tasks.insert(where, task)});
}

void FairQueue::Remove(Task* task) {
  Unlink(task);
  Prune();
}

// Leaves empty flows in the ring, so that a caller may keep iterating over it.
void FairQueue::Unlink(Task* task) {
  for (const QueuePlace& place : task->places) {
    place.flow->tasks[task->contact.contact.kind].erase(place.position);
    if (place.flow->maybe_empty) continue;
    place.flow->maybe_empty = true;
    maybe_empty_.push_back(place.flow);
  }
  task->places.clear();
}

void FairQueue::Prune() {
  for (const std::list<Flow>::iterator flow : maybe_empty_) {
    flow->maybe_empty = false;
    if (HasTasks(*flow)) continue;
    if (flow->key.only_session.empty()) --open_flows_;
    flows_.erase(flow->key);
    ring_.erase(flow);
  }
  maybe_empty_.clear();
}

Task* FairQueue::NextIn(const Flow& flow, ContactKind kind,
                        absl::string_view session, absl::Time now) {
  const auto tasks = flow.tasks.find(kind);
  if (tasks == flow.tasks.end() || tasks->second.empty()) return nullptr;
  if (!flow.key.only_session.empty() && flow.key.only_session != session) {
    return nullptr;
  }
  Task* const next = tasks->second.front();
  const bool may_take =
      flow.key.returned_by != session || next->not_before <= now;
  return may_take ? next : nullptr;
}

std::optional<ContactKind> FairQueue::NextKind(absl::string_view session,
                                               absl::Time now) {
  for (const Flow& flow : ring_) {
    const Task* oldest = nullptr;
    for (const auto& [kind, tasks] : flow.tasks) {
      const Task* const next = NextIn(flow, kind, session, now);
      if (next == nullptr) continue;
      if (oldest == nullptr || next->contact.id < oldest->contact.id) {
        oldest = next;
      }
    }
    if (oldest != nullptr) return oldest->contact.contact.kind;
  }
  return std::nullopt;
}

void FairQueue::Take(ContactKind kind, absl::string_view session,
                     absl::Time now, size_t max_tasks,
                     absl::FunctionRef<bool(Task*)> take) {
  size_t taken = 0;
  // A flow that gave a task moves to the end of the ring, which this loop
  // reaches later; the other flows keep their place.
  for (auto flow = ring_.begin(); flow != ring_.end() && taken < max_tasks;) {
    Task* const task = NextIn(*flow, kind, session, now);
    if (task == nullptr) {
      ++flow;
      continue;
    }
    Unlink(task);
    if (take(task)) ++taken;
    auto next = std::next(flow);
    ring_.splice(ring_.end(), ring_, flow);
    flow = next == ring_.end() ? flow : next;
  }
  Prune();
}

absl::Time FairQueue::OldestSubmission() const {
  absl::Time oldest = absl::InfiniteFuture();
  for (const Flow& flow : ring_) {
    for (const auto& [kind, tasks] : flow.tasks) {
      if (tasks.empty()) continue;
      oldest = std::min(oldest, tasks.front()->submitted_at);
    }
  }
  return oldest;
}

std::vector<std::string> FairQueue::SessionsWaitedFor() const {
  std::vector<std::string> sessions;
  for (const Flow& flow : ring_) sessions.push_back(flow.key.only_session);
  std::sort(sessions.begin(), sessions.end());
  sessions.erase(std::unique(sessions.begin(), sessions.end()), sessions.end());
  return sessions;
}

}  // namespace portrait
