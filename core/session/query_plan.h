// What the answer to one query settles about a contact, and what has to be
// asked next. Pure functions.
#ifndef PORTRAIT_CORE_SESSION_QUERY_PLAN_H_
#define PORTRAIT_CORE_SESSION_QUERY_PLAN_H_

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

// Which account saw an answer, and when.
struct Sighting {
  std::string session;
  absl::Time at;
};

// One contact under way. A value type.
struct ContactPlan {
  Observation observation;  // what is known so far
  // To be asked one after the other; empty: `observation` is the final answer.
  std::vector<whatsapp::PictureQuery> queries;
};

struct PlannedContact {
  ContactTask task;
  ContactPlan plan;
};

// What `user`, the contact's part of `answer`, leaves to be asked:
//   not registered                    nothing
//   a picture id, its URLs not wanted nothing
//     or still good
//   a picture id otherwise            the picture in the sizes wanted
//   told hidden (401) or none (404)   nothing
//   no id, and the store has a fresh  nothing: the stored state is confirmed
//     HIDDEN or NOT_SET
//   no id otherwise, or its protocol  one picture, which tells what it is
//     failed
//   hidden, or no id, where the       one picture, asked with that token
//     contact gave us a token
// Registration that failed, and any fact that WhatsApp's limits keep from us,
// fails the contact: it is unknown, not "no".
std::variant<ContactPlan, LookupFailure> PlanAfterUsync(
    const ContactTask& task, const whatsapp::UsyncUser& user,
    const whatsapp::UsyncAnswer& answer, const Sighting& seen, bool has_token);

// Groups and channels are not known to usync: their picture is asked for
// directly.
ContactPlan PlanPicture(const ContactTask& task, const Sighting& seen);

// Takes in the answer to `plan->queries.front()` and drops that query; all of
// them when the answer settles the rest. A group that hides its picture may be
// a community: that is asked next.
void ApplyPicture(const whatsapp::PictureAnswer& answer, const Sighting& seen,
                  ContactPlan* plan);
// The same for a channel: all is settled. `picture_server` goes before paths.
void ApplyChannel(const whatsapp::ChannelAnswer& answer,
                  absl::string_view picture_server, const Sighting& seen,
                  ContactPlan* plan);
// Whether the store has a fresh HIDDEN or NOT_SET of the contact, which an
// answer without a picture then confirms.
bool IsStateKnown(const ContactTask& task);
// The known state of a task is as it was.
void ConfirmState(const ContactTask& task, const Sighting& seen,
                  ContactPlan* plan);

// What WhatsApp told unasked of `notice.jid`, which is not empty.
Observation ObservationOf(const whatsapp::ContactNotice& notice,
                          const Sighting& seen);

// What a failed query means for the contacts it was about.
LookupFailure FailureOf(const absl::Status& status);

// 429 rate-overlimit and 419 resource-limit.
bool IsRateLimit(const whatsapp::ProtocolError& error);

// How long a contact is left alone after an error that names no time.
inline constexpr absl::Duration kRetryAfterError = absl::Seconds(1);

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_QUERY_PLAN_H_
