// The seam between lookups, which know what must be asked, and sessions, which
// can ask it. Sessions pull: nothing is pushed at an account that may not work.
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

// When a task needs a picture URL beside the id that usync tells.
enum class UrlNeed {
  kNo,           // not wanted
  kIfIdChanged,  // the stored one is still good for `stored_id`
  kAlways,       // none stored that is still good
};

// One contact WhatsApp must be asked about. A value type.
struct ContactTask {
  uint64_t id = 0;  // unique in the process
  // Asked about under its first address, and under the other one if WhatsApp
  // says that the first is not registered. The answer is then of the other.
  Contact contact;
  std::string only_session;  // by name; empty: any

  // The store has the first address as registered.
  bool is_registered = false;
  // A session's own note: WhatsApp said that the other address is not
  // registered.
  bool other_is_ruled_out = false;

  UrlNeed full_url = UrlNeed::kNo;
  UrlNeed preview_url = UrlNeed::kNo;
  std::string existing_id;  // the caller's: while current, no URL is needed

  // What the store has, so that the answer can be "the same" at no cost.
  std::string known_lid;
  std::string stored_id;
  v1::PictureState stored_state = v1::PICTURE_STATE_UNSPECIFIED;
  // A usync answer without an id may confirm a stored HIDDEN or NOT_SET.
  bool stored_state_is_fresh = false;

  bool urgent = false;  // somebody waits for just this one

  int attempts = 0;  // times a session asked about it without an answer
};

// Why WhatsApp could not be asked, or did not answer.
struct LookupFailure {
  v1::ErrorReason reason = v1::ERROR_REASON_INTERNAL;
  std::string message;
  absl::Duration retry_after;  // zero: trying again will not help
};

struct TaskResult {
  uint64_t task_id = 0;
  std::variant<Observation, LookupFailure> outcome;
};

// Which session may take new work.
struct NewWork {
  std::string session = "";  // only this one; empty: any …
  std::string not_for = "";  // … but this one, which has just given it back
  bool urgent = false;       // some of it is urgent
};

using Waker = std::function<void(const NewWork&)>;

// A task that was given back this often fails.
inline constexpr int kMaxTaskAttempts = 4;

// Thread-safe; outlives the sessions that take from it. No call blocks.
//
// core/work/testing/work_source_contract.h tests what is promised here; every
// implementation runs it.
class WorkSource {
 public:
  virtual ~WorkSource() = default;

  // Up to `max_contacts` tasks for the session of that name, all of one kind,
  // urgent ones first; empty if there is none for it now. Each task taken is
  // given to Complete, GiveBack or PutBack, once.
  virtual std::vector<ContactTask> Take(const std::string& session,
                                        size_t max_contacts) = 0;
  // Like Take, but urgent tasks only: for a session that already has enough
  // bulk in hand to keep it busy for a while.
  virtual std::vector<ContactTask> TakeUrgent(const std::string& session,
                                              size_t max_contacts) = 0;

  // Ends the tasks: what the session learned goes to the callers who wait.
  virtual void Complete(std::vector<TaskResult> results) = 0;

  // The session could not ask: it lost its connection, or was told to slow
  // down. Other sessions may take the tasks at once, this one after a pause.
  // After kMaxTaskAttempts a task fails with `why`.
  virtual void GiveBack(std::vector<ContactTask> tasks, LookupFailure why) = 0;
  // The session never got to ask about these tasks: like GiveBack, but no
  // attempt is counted, and any session may take them at once.
  virtual void PutBack(std::vector<ContactTask> tasks) = 0;

  // An observation that WhatsApp sent without a query of ours.
  virtual void Observe(Observation observation) = 0;

  // `wake` is called, from any thread, when there may be new work, so that one
  // session comes to take it: again after a Take that left some, and for each
  // session that alone may take some. Set once.
  virtual void SetWaker(Waker wake) = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_WORK_WORK_SOURCE_H_
