// A work source that is a plain list, and that records what sessions return.
#ifndef PORTRAIT_CORE_SESSION_TESTING_LIST_WORK_SOURCE_H_
#define PORTRAIT_CORE_SESSION_TESTING_LIST_WORK_SOURCE_H_

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "core/work/work_source.h"
#include "tests/support/test_deadline.h"

namespace portrait {

// Thread-safe. Fails the test if a task is settled twice.
class ListWorkSource : public WorkSource {
 public:
  // Assigns an id to the task and wakes the sessions.
  void Add(std::vector<ContactTask> tasks);
  // Waits until each added task has its result.
  bool WaitUntilDone(absl::Duration timeout = kTestDeadline);

  // The observation of each finished task, by JID.
  std::map<std::string, Observation> observations() const;
  std::map<std::string, LookupFailure> failures() const;
  std::vector<Observation> news() const;
  std::vector<size_t> complete_sizes() const;  // results in each Complete()
  size_t given_back() const;
  size_t put_back() const;
  // The number of failures passed to GiveBack(), by reason.
  std::map<v1::ErrorReason, int> reasons() const;

  std::vector<ContactTask> Take(const std::string& session,
                                size_t max_contacts) override;
  std::vector<ContactTask> TakeUrgent(const std::string& session,
                                      size_t max_contacts) override;
  void Complete(std::vector<TaskResult> results) override;
  void GiveBack(std::vector<ContactTask> tasks, LookupFailure why) override;
  void PutBack(std::vector<ContactTask> tasks) override;
  void Observe(Observation observation) override;
  void SetWaker(Waker wake) override;

 private:
  std::vector<ContactTask> TakeSome(const std::string& session, size_t max,
                                    bool urgent_only);
  std::vector<ContactTask> TakeFromQueue(const std::string& session, size_t max,
                                         bool urgent_only);
  ContactTask Settle(uint64_t id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Wake();

  mutable absl::Mutex mu_;
  uint64_t next_id_ ABSL_GUARDED_BY(mu_) = 1;
  std::deque<ContactTask> queue_ ABSL_GUARDED_BY(mu_);
  std::map<uint64_t, ContactTask> taken_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, Observation> observations_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, LookupFailure> failures_ ABSL_GUARDED_BY(mu_);
  std::vector<Observation> news_ ABSL_GUARDED_BY(mu_);
  std::vector<size_t> complete_sizes_ ABSL_GUARDED_BY(mu_);
  std::map<v1::ErrorReason, int> reasons_ ABSL_GUARDED_BY(mu_);
  size_t given_back_ ABSL_GUARDED_BY(mu_) = 0;
  size_t put_back_ ABSL_GUARDED_BY(mu_) = 0;
  Waker wake_ ABSL_GUARDED_BY(mu_);
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_TESTING_LIST_WORK_SOURCE_H_
