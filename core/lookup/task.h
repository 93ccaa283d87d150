// Task is one contact that WhatsApp must be asked about, and who waits for it.
#ifndef PORTRAIT_CORE_LOOKUP_TASK_H_
#define PORTRAIT_CORE_LOOKUP_TASK_H_

#include <cstdint>
#include <list>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/time/time.h"
#include "core/lookup/lookup_request.h"
#include "core/work/work_source.h"

namespace portrait {

struct Flow;
struct Task;

// Where a queued task stands.
struct QueuePlace {
  std::list<Flow>::iterator flow;
  std::list<Task*>::iterator position;
};

// Lives in the scheduler, under its lock.
struct Task {
  ContactTask contact;  // its `id` is also its age: later tasks have larger ids
  std::vector<Waiter> waiters;
  absl::Time submitted_at;

  bool in_flight = false;
  std::string taken_by;  // the session that has it, or had it last
  // Not for `taken_by` before this, once that has given it back.
  absl::Time not_before = absl::InfinitePast();

  // One for each tenant that waits; none while in flight.
  absl::InlinedVector<QueuePlace, 1> places;
};

// The tasks of one contact that a new request may join.
struct JoinableTasks {
  Task* queued = nullptr;
  Task* in_flight = nullptr;  // the one taken last
};

// Of one of a task's waiters; the earliest is the greatest.
struct TaskDeadline {
  absl::Time time;
  uint64_t task_id;
  bool operator<(const TaskDeadline& other) const { return time > other.time; }
};

// What identical tasks have in common: the contact, and who may ask about it.
std::string SharingKey(const ContactTask& task);

// Whether an answer to `has` will do for `needs`, of the same contact.
bool Covers(const ContactTask& has, const ContactTask& needs);

// Makes an answer to `task` do for `more`, which the store was read for later.
void Widen(const ContactTask& more, ContactTask* task);

}  // namespace portrait

#endif  // PORTRAIT_CORE_LOOKUP_TASK_H_
