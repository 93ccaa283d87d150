// The interface between lookups, which have the open tasks, and sessions, which
// can ask WhatsApp. Sessions pull, so that no task is pushed to an account that
// must not send.
#ifndef PORTRAIT_CORE_WORK_WORK_SOURCE_H_
#define PORTRAIT_CORE_WORK_WORK_SOURCE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "core/contact/contact.h"
#include "core/store/observation.h"
#include "portrait/v1/profile_picture.pb.h"

namespace portrait {

// Whether a task needs a picture URL beside the picture id from usync.
enum class UrlNeed {
  kNo,           // not wanted
  kIfIdChanged,  // the stored URL is still valid for `stored_id`
  kAlways,       // no valid URL is stored
};

// One contact about which WhatsApp must be asked. A value type.
struct ContactTask {
  bool IsKnownRegistered() const {
    return stored_registration == v1::REGISTRATION_REGISTERED;
  }

  uint64_t id = 0;  // unique in the process
  // The session asks about the first address, and then about the other one if
  // WhatsApp says that the first is not registered; the result is then about
  // the other address.
  Contact contact;
  std::string only_session;  // the session's name; empty: any session

  // The stored registration of the first address.
  v1::Registration stored_registration = v1::REGISTRATION_UNSPECIFIED;
  // Set by a session after WhatsApp said that the other address is not
  // registered.
  bool other_is_ruled_out = false;

  UrlNeed full_url = UrlNeed::kNo;
  UrlNeed preview_url = UrlNeed::kNo;
  // The caller's picture id; no URL is needed while it is current.
  std::string existing_id;

  // The stored picture, so that an unchanged answer needs no write.
  std::string stored_id;
  v1::PictureState stored_state = v1::PICTURE_STATE_UNSPECIFIED;
  // A usync answer without an id may confirm a stored HIDDEN or NOT_SET.
  bool stored_state_is_fresh = false;

  bool urgent = false;  // a caller waits for this contact alone
  // The tenant in whose turn the task was taken, one of the waiting tenants. A
  // session that holds tasks of several tenants also lets them take turns.
  std::string tenant;

  int attempts = 0;  // number of sessions that asked without getting an answer
};

// The reason why WhatsApp could not be asked, or did not answer.
struct LookupFailure {
  v1::ErrorReason reason = v1::ERROR_REASON_INTERNAL;
  std::string message;
  absl::Duration retry_after;  // zero: trying again will not help
};

struct TaskResult {
  uint64_t task_id = 0;
  std::variant<Observation, LookupFailure> outcome;
};

// Which sessions may take the new work.
struct NewWork {
  std::string session = "";  // only this session; empty: any session except …
  std::string not_for = "";  // … this one, which has just given the work back
  bool urgent = false;       // some of the work is urgent
};

using Waker = std::function<void(const NewWork&)>;

// A task fails after it was given back this many times.
inline constexpr int kMaxTaskAttempts = 4;

// Thread-safe; must outlive the sessions that take from it. No call blocks.
//
// core/work/testing/work_source_contract.h tests these promises for every
// implementation.
class WorkSource {
 public:
  virtual ~WorkSource() = default;

  // Returns up to `max_contacts` tasks of one kind for the named session; empty
  // if there are none now. Tenants take turns, and each tenant's urgent tasks
  // come first. Each taken task must be passed exactly once to Complete,
  // GiveBack or PutBack.
  virtual std::vector<ContactTask> Take(const std::string& session,
                                        size_t max_contacts) = 0;
  // Like Take, but urgent tasks only: for a session that already holds enough
  // bulk tasks to stay busy for a while.
  virtual std::vector<ContactTask> TakeUrgent(const std::string& session,
                                              size_t max_contacts) = 0;

  // Ends the tasks and passes the results to the waiting callers.
  virtual void Complete(std::vector<TaskResult> results) = 0;

  // The session could not query WhatsApp, because it lost its connection or was
  // told to slow down. Other sessions may take the tasks at once, this session
  // after a pause. After kMaxTaskAttempts attempts a task fails with `why`.
  virtual void GiveBack(std::vector<ContactTask> tasks, LookupFailure why) = 0;
  // Like GiveBack, for tasks that the session did not send: no attempt is
  // counted, and any session may take them at once.
  virtual void PutBack(std::vector<ContactTask> tasks) = 0;

  // An observation that WhatsApp sent without a query of ours.
  virtual void Observe(Observation observation) = 0;

  // Sets the function that wakes one session to take new work, once. It is
  // called from any thread, again after a Take that left work, and separately
  // for each session that has work of its own.
  virtual void SetWaker(Waker wake) = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_WORK_WORK_SOURCE_H_
