// Task is one contact that WhatsApp must be asked about, with its waiting
// callers.
#ifndef PORTRAIT_CORE_LOOKUP_TASK_H_
#define PORTRAIT_CORE_LOOKUP_TASK_H_

#include <cstdint>
#include <list>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/time/time.h"
#include "core/lookup/lookup_request.h"
#include "core/store/observation.h"
#include "core/work/work_source.h"

namespace portrait {

struct Flow;
struct Share;
struct Task;

// The position of a queued task.
struct QueuePlace {
  std::list<Share>::iterator share;
  std::list<Flow>::iterator flow;
  std::list<Task*>::iterator position;
};

// Owned by the scheduler and protected by its lock.
struct Task {
  ContactTask contact;  // a later task has a larger `id`
  std::vector<Waiter> waiters;
  Askers askers;  // one for each tenant, also once its waiters have left
  absl::Time submitted_at;

  bool in_flight = false;
  std::string taken_by;  // the session that has it, or had it last
  // After giving the task back, `taken_by` may not take it before this time.
  absl::Time not_before = absl::InfinitePast();

  // One place for each waiting tenant; none while the task is in flight.
  absl::InlinedVector<QueuePlace, 1> places;
};

// The tasks of one contact that a new request may join.
struct JoinableTasks {
  Task* queued = nullptr;
  Task* in_flight = nullptr;  // the task taken last
};

// The deadline of one waiter; the earliest compares as the greatest.
struct TaskDeadline {
  absl::Time time;
  uint64_t task_id;
  bool operator<(const TaskDeadline& other) const { return time > other.time; }
};

// The key that identical tasks share: the contact, and the session that must
// ask.
std::string SharingKey(const ContactTask& task);

// Whether an answer to `has` also answers `needs`, a task for the same contact.
bool Covers(const ContactTask& has, const ContactTask& needs);

// Extends `task` so that its answer also covers `more`, a newer task for the
// same contact.
void Widen(const ContactTask& more, ContactTask* task);

}  // namespace portrait

#endif  // PORTRAIT_CORE_LOOKUP_TASK_H_
