#include "core/session/lookup_plan.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace portrait {
namespace {

using whatsapp::PictureAnswer;
using whatsapp::PictureQuery;
using whatsapp::PictureType;
using whatsapp::ProtocolError;
using whatsapp::UsyncAnswer;
using whatsapp::UsyncUser;

constexpr int kNotAuthorized = 401;
constexpr int kItemNotFound = 404;

LookupFailure FailureOf(absl::string_view what, const ProtocolError& error) {
  LookupFailure failure;
  failure.reason = IsRateLimit(error) ? v1::ERROR_REASON_RATE_LIMITED
                                      : v1::ERROR_REASON_UPSTREAM_ERROR;
  failure.message = absl::StrCat("WhatsApp did not tell the ", what, ": error ",
                                 error.code, " ", error.text);
  failure.retry_after = std::max(error.backoff, kRetryAfterError);
  return failure;
}

Observation StartObservation(const ContactTask& task, const Sighting& seen) {
  Observation observation;
  observation.jid = task.jid.ToString();
  if (task.kind == ContactKind::kPhoneNumber) {
    observation.phone_number = absl::StrCat("+", task.jid.user);
  } else if (task.kind == ContactKind::kLid) {
    observation.lid = observation.jid;
  }
  observation.observed_at = seen.at;
  observation.session = seen.session;
  return observation;
}

// Everything that usync tells of a registered contact but its picture.
void ApplyUser(const ContactTask& task, const UsyncUser& user,
               Observation* observation) {
  observation->registration = v1::REGISTRATION_REGISTERED;
  // WhatsApp may answer under another spelling of the number (Mexico's 52 and
  // 521); the contact stays the one that was asked about.
  if (task.kind == ContactKind::kLid && !user.pn.user.empty()) {
    observation->phone_number = absl::StrCat("+", user.pn.user);
  }
  if (task.kind == ContactKind::kPhoneNumber && !user.lid.user.empty()) {
    observation->lid = user.lid.WithoutDevice().ToString();
  }
  if (user.business.error.has_value()) return;
  observation->is_business = user.business.value.has_value();
  if (user.business.value.has_value() && !user.business.value->name.empty()) {
    observation->name = user.business.value->name;
  }
}

bool NeedsUrl(UrlNeed need, const ContactTask& task, absl::string_view id) {
  if (!id.empty() && id == task.existing_id) return false;
  return need == UrlNeed::kAlways ||
         (need == UrlNeed::kIfIdChanged && id != task.stored_id);
}

// The id whose confirmation is all the answer needed: "unchanged" costs
// WhatsApp, and us, less than a URL.
std::string IdToConfirm(const ContactTask& task) {
  const bool url_wanted =
      task.full_url == UrlNeed::kAlways || task.preview_url == UrlNeed::kAlways;
  if (!url_wanted && !task.stored_id.empty()) return task.stored_id;
  return task.existing_id;
}

// The pictures to ask for when usync told `id`, or (empty) told none.
std::vector<PictureQuery> QueriesFor(const ContactTask& task,
                                     absl::string_view id) {
  PictureQuery query;
  query.target = task.jid;
  if (id.empty()) query.existing_id = IdToConfirm(task);
  std::vector<PictureQuery> queries;
  if (NeedsUrl(task.full_url, task, id)) {
    query.type = PictureType::kImage;
    queries.push_back(query);
  }
  // Without an id one query is needed even if no URL is.
  if (NeedsUrl(task.preview_url, task, id) || (id.empty() && queries.empty())) {
    query.type = PictureType::kPreview;
    queries.push_back(query);
  }
  return queries;
}

void SetNoPicture(v1::PictureState state, Observation* observation) {
  observation->state = state;
  observation->picture_id.clear();
  observation->full_url.reset();
  observation->preview_url.reset();
  observation->direct_path.clear();
  observation->type.clear();
  observation->hash.clear();
}

void SetFound(const PictureQuery& query, const PictureAnswer& answer,
              Observation* observation) {
  const std::string id =
      answer.id.empty() ? observation->picture_id : answer.id;
  // The picture changed between two queries: what the first told is over.
  if (id != observation->picture_id) {
    SetNoPicture(v1::PICTURE_STATE_AVAILABLE, observation);
  }
  observation->state = v1::PICTURE_STATE_AVAILABLE;
  observation->picture_id = id;
  PictureUrl url;
  url.url = answer.url;
  url.expires_at =
      whatsapp::UrlExpireTime(answer.url).value_or(absl::InfiniteFuture());
  const bool is_image = query.type == PictureType::kImage;
  (is_image ? observation->full_url : observation->preview_url) =
      std::move(url);
  // Path, type and hash are those of the larger picture, where both are known.
  if (!is_image && observation->full_url.has_value()) return;
  observation->direct_path = answer.direct_path;
  observation->type = answer.type;
  observation->hash = answer.hash;
}

}  // namespace

bool IsRateLimit(const ProtocolError& error) {
  return error.code == 429 || error.code == 419;
}

std::variant<ContactPlan, LookupFailure> PlanAfterUsync(
    const ContactTask& task, const UsyncUser& user, const UsyncAnswer& answer,
    const Sighting& seen) {
  ContactPlan plan;
  plan.observation = StartObservation(task, seen);
  Observation& observation = plan.observation;

  if (user.registered.error.has_value()) {
    return FailureOf("registration", *user.registered.error);
  }
  // A LID query asks for no <contact>: to be in the answer is to be registered.
  const bool is_left_out = !user.registered.value.has_value();
  if (is_left_out && task.kind != ContactKind::kLid) {
    return LookupFailure{v1::ERROR_REASON_UPSTREAM_ERROR,
                         "WhatsApp left the contact out of its answer",
                         kRetryAfterError};
  }
  if (is_left_out || !*user.registered.value) {
    observation.registration = v1::REGISTRATION_NOT_REGISTERED;
    return plan;
  }
  ApplyUser(task, user, &observation);

  // When the protocol failed as a whole its code says nothing of this contact.
  if (answer.picture_error.has_value()) {
    return FailureOf("picture id", *answer.picture_error);
  }
  if (user.picture_id.error.has_value()) {
    const ProtocolError& error = *user.picture_id.error;
    if (error.code != kNotAuthorized && error.code != kItemNotFound) {
      return FailureOf("picture id", error);
    }
    observation.state = error.code == kNotAuthorized
                            ? v1::PICTURE_STATE_HIDDEN
                            : v1::PICTURE_STATE_NOT_SET;
    return plan;
  }
  const std::string id = user.picture_id.value.value_or("");
  if (!id.empty()) {
    observation.state = v1::PICTURE_STATE_AVAILABLE;
    observation.picture_id = id;
  } else if (task.stored_state_is_fresh &&
             (task.stored_state == v1::PICTURE_STATE_HIDDEN ||
              task.stored_state == v1::PICTURE_STATE_NOT_SET)) {
    observation.state = task.stored_state;
    observation.state_is_told = false;
    return plan;
  }
  plan.queries = QueriesFor(task, id);
  return plan;
}

ContactPlan PlanGroup(const ContactTask& task, const Sighting& seen) {
  ContactPlan plan;
  plan.observation = StartObservation(task, seen);
  plan.queries = QueriesFor(task, /*id=*/"");
  return plan;
}

void ApplyPicture(const PictureAnswer& answer, const Sighting& seen,
                  ContactPlan* plan) {
  const PictureQuery query = std::move(plan->queries.front());
  plan->queries.erase(plan->queries.begin());
  Observation& observation = plan->observation;
  observation.observed_at = seen.at;
  switch (answer.outcome) {
    case PictureAnswer::Outcome::kFound:
      SetFound(query, answer, &observation);
      // What is still to be asked is wanted with its URL.
      for (PictureQuery& next : plan->queries) next.existing_id.clear();
      return;
    case PictureAnswer::Outcome::kUnchanged:
      observation.state = v1::PICTURE_STATE_AVAILABLE;
      observation.picture_id = query.existing_id;
      break;
    case PictureAnswer::Outcome::kNotSet:
      SetNoPicture(v1::PICTURE_STATE_NOT_SET, &observation);
      break;
    case PictureAnswer::Outcome::kHidden:
      SetNoPicture(v1::PICTURE_STATE_HIDDEN, &observation);
      break;
  }
  plan->queries.clear();
}

Observation ObservationOf(const whatsapp::ContactNotice& notice,
                          const Sighting& seen) {
  Observation observation;
  observation.unasked = true;
  observation.jid = notice.jid.WithoutDevice().ToString();
  if (notice.jid.IsPhoneNumber()) {
    observation.phone_number = absl::StrCat("+", notice.jid.user);
  }
  if (notice.jid.IsLid()) observation.lid = observation.jid;
  if (!notice.lid.user.empty()) observation.lid = notice.lid.ToString();
  if (notice.picture_id.has_value()) {
    observation.state = notice.picture_id->empty()
                            ? v1::PICTURE_STATE_NOT_SET
                            : v1::PICTURE_STATE_AVAILABLE;
    observation.picture_id = *notice.picture_id;
  }
  observation.is_business = notice.is_business;
  observation.name = notice.name;
  observation.outdated = notice.outdated;
  observation.lost_lid = notice.lost_lid;
  observation.observed_at =
      std::min(notice.happened_at.value_or(seen.at), seen.at);
  observation.session = seen.session;
  return observation;
}

LookupFailure FailureOf(const absl::Status& status) {
  LookupFailure failure;
  failure.message = std::string(status.message());
  failure.retry_after = std::max(whatsapp::BackoffOf(status), kRetryAfterError);
  switch (status.code()) {
    case absl::StatusCode::kResourceExhausted:
      failure.reason = v1::ERROR_REASON_RATE_LIMITED;
      break;
    case absl::StatusCode::kDeadlineExceeded:
      failure.reason = v1::ERROR_REASON_UPSTREAM_TIMEOUT;
      break;
    default:
      failure.reason = v1::ERROR_REASON_UPSTREAM_ERROR;
  }
  return failure;
}

}  // namespace portrait
