// Decides what the answer to a query settles about a contact, and which queries
// follow. Pure functions.
#ifndef PORTRAIT_CORE_SESSION_QUERY_PLAN_H_
#define PORTRAIT_CORE_SESSION_QUERY_PLAN_H_

#include <algorithm>
#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/store/observation.h"
#include "core/whatsapp/contact_notice.h"
#include "core/whatsapp/queries.h"
#include "core/work/work_source.h"

namespace portrait {

// The account that saw an answer, and the time.
struct Sighting {
  std::string session;
  absl::Time at;
};

// A contact that is being asked about. A value type.
struct ContactPlan {
  Observation observation;  // the facts known so far
  // The remaining queries, in order; empty: `observation` is the final answer.
  std::vector<whatsapp::PictureQuery> queries;
};

struct PlannedContact {
  ContactTask task;
  ContactPlan plan;
};

// The time for which a contact waits for others that the same query can ask
// about.
inline absl::Duration GatherTime(bool urgent) {
  return absl::Milliseconds(urgent ? 3 : 10);
}

// The number of tasks that are not urgent.
inline size_t CountBulk(const std::vector<ContactTask>& tasks) {
  return static_cast<size_t>(
      std::count_if(tasks.begin(), tasks.end(),
                    [](const ContactTask& task) { return !task.urgent; }));
}

// Plans the picture queries that follow from `user`, the contact's part of
// `answer`:
//   not registered                    none
//   a picture id, and URLs are not    none
//     wanted or still valid
//   a picture id otherwise            one for each wanted size
//   error 401 (hidden) or 404 (none)  none
//   no id, and the store has a fresh  none: the stored state is confirmed
//     HIDDEN or NOT_SET
//   no id otherwise, or the picture   one, whose answer has the state
//     protocol failed
//   hidden or no id, and the contact  one, sent with that token
//     has given us a token
// If registration failed, or WhatsApp's rate limits withheld any fact, the
// contact fails: its state is unknown, not "no".
std::variant<ContactPlan, LookupFailure> PlanAfterUsync(
    const ContactTask& task, const whatsapp::UsyncUser& user,
    const whatsapp::UsyncAnswer& answer, const Sighting& seen, bool has_token);

// usync does not support groups and channels, so their pictures are queried
// directly.
ContactPlan PlanPicture(const ContactTask& task, const Sighting& seen);

// Replaces `plan->queries` by the two that WhatsApp Web sends: image and
// preview, without an id, of the LID if it is known. A plan without queries
// stays so.
void AskForBothSizes(ContactPlan* plan);

// Applies the answer to `plan->queries.front()` and drops that query, or all
// queries if the answer settles the rest. If a group hides its picture, it may
// be a community, so a query for the community's picture follows.
void ApplyPicture(const whatsapp::PictureAnswer& answer, const Sighting& seen,
                  ContactPlan* plan);
// Like ApplyPicture, for a channel, which one answer settles. `picture_server`
// is put before paths.
void ApplyChannel(const whatsapp::ChannelAnswer& answer,
                  absl::string_view picture_server, const Sighting& seen,
                  ContactPlan* plan);
// Whether the stored state is a fresh HIDDEN or NOT_SET, which an answer
// without a picture confirms.
bool IsStateKnown(const ContactTask& task);
// Records that the task's stored state is still current.
void ConfirmState(const ContactTask& task, const Sighting& seen,
                  ContactPlan* plan);

// The observation of a notification that WhatsApp sent without a query.
// `notice.jid` must not be empty.
Observation ObservationOf(const whatsapp::ContactNotice& notice,
                          const Sighting& seen);

// The failure of the contacts in a failed query.
LookupFailure FailureOf(const absl::Status& status);

// Whether the error is 429 rate-overlimit or 419 resource-limit.
bool IsRateLimit(const whatsapp::ProtocolError& error);

// The wait before a contact is asked about again after an error without a time.
inline constexpr absl::Duration kRetryAfterError = absl::Seconds(1);

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_QUERY_PLAN_H_
