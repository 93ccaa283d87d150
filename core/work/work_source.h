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
#include "core/whatsapp/jid.h"
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
  whatsapp::Jid jid;
  ContactKind kind = ContactKind::kPhoneNumber;
  std::string only_session;  // by name; empty: any

  // The other JID that the same phone number may have at WhatsApp, asked about
  // when `jid` is nobody's; empty user: none. The answer is then of that one.
  whatsapp::Jid other_spelling = {};
  bool spelling_is_known = false;  // the store has `jid` as registered
  // A session's own note: it has swapped the two, for the other is nobody's.
  bool other_is_nobodys = false;

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

// Thread-safe; outlives the sessions that take from it. No call blocks.
class WorkSource {
 public:
  virtual ~WorkSource() = default;

  // Up to `max_contacts` tasks for the session of that name, all of one kind,
  // most urgent first; empty when there is none for it now. Each task taken is
  // given to Complete, GiveBack or PutBack, once.
  virtual std::vector<ContactTask> Take(const std::string& session,
                                        size_t max_contacts) = 0;
  // The same of urgent tasks alone: for a session that has enough in hand to
  // keep it busy for a while, and would let nobody wait for all of that.
  virtual std::vector<ContactTask> TakeUrgent(const std::string& session,
                                              size_t max_contacts) {
    (void)session;
    (void)max_contacts;
    return {};
  }

  virtual void Complete(std::vector<TaskResult> results) = 0;

  // The session could not ask: it lost its connection, or was told to slow
  // down. Others may take them, this one again not before it says so. After
  // kMaxTaskAttempts a task fails with `why`.
  virtual void GiveBack(std::vector<ContactTask> tasks, LookupFailure why) = 0;
  // The session never got to ask about these: as GiveBack, but no attempt is
  // counted, and any session may take them at once.
  virtual void PutBack(std::vector<ContactTask> tasks) {
    GiveBack(std::move(tasks),
             {v1::ERROR_REASON_UPSTREAM_ERROR,
              "the session lost its connection before it could ask",
              absl::Seconds(1)});
  }

  // News that nobody asked for.
  virtual void Observe(Observation observation) = 0;

  // `wake` is called, from any thread, whenever there may be new work. Set
  // once.
  virtual void SetWaker(std::function<void()> wake) = 0;
};

inline constexpr int kMaxTaskAttempts = 4;

// What lookups see of the pool of sessions. Thread-safe, quick.
class SessionDirectory {
 public:
  virtual ~SessionDirectory() = default;

  struct Availability {
    uint32_t linked = 0;  // sessions that work or will again by themselves
    uint32_t ready = 0;   // may take work now
    // When the next one may be ready, if none is; InfiniteFuture: nobody knows.
    absl::Time next_ready = absl::InfiniteFuture();
  };
  // Of all sessions, or of the one named.
  virtual Availability GetAvailability(const std::string& session) const = 0;
  virtual bool Exists(const std::string& session) const = 0;
  // One of our own accounts, by PN or LID.
  virtual bool IsOwn(const whatsapp::Jid& jid) const = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_WORK_WORK_SOURCE_H_
