#include "core/session/query_plan.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace portrait {
namespace {

using whatsapp::Jid;
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
  failure.message = absl::StrCat("WhatsApp did not send the ", what, ": error ",
                                 error.code, " ", error.text);
  failure.retry_after = std::max(error.backoff, kRetryAfterError);
  return failure;
}

Observation StartObservation(const ContactTask& task, const Jid& jid,
                             const Sighting& seen) {
  Observation observation;
  observation.jid = jid.ToString();
  if (task.contact.kind == ContactKind::kPhoneNumber) {
    observation.phone_number = absl::StrCat("+", jid.user);
  } else if (task.contact.kind == ContactKind::kLid) {
    observation.lid = observation.jid;
  }
  observation.observed_at = seen.at;
  observation.session = seen.session;
  return observation;
}

// Sets all facts of a registered contact in a usync answer except its picture.
void ApplyUser(const ContactTask& task, const UsyncUser& user,
               Observation* observation) {
  observation->registration = v1::REGISTRATION_REGISTERED;
  if (task.contact.kind == ContactKind::kLid && !user.pn.user.empty()) {
    observation->phone_number = absl::StrCat("+", user.pn.user);
  }
  if (task.contact.kind == ContactKind::kPhoneNumber &&
      !user.lid.user.empty()) {
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

// The picture id to send with the query. If it is still current, the answer is
// "unchanged", which is cheaper for WhatsApp and for us than a URL.
std::string IdToConfirm(const ContactTask& task) {
  const bool url_wanted =
      task.full_url == UrlNeed::kAlways || task.preview_url == UrlNeed::kAlways;
  if (!url_wanted && !task.stored_id.empty()) return task.stored_id;
  return task.existing_id;
}

// The pictures of `target` to query, for the current `id` (empty: unknown).
std::vector<PictureQuery> QueriesFor(const ContactTask& task, const Jid& target,
                                     absl::string_view id) {
  PictureQuery query;
  query.target = target;
  if (id.empty()) query.existing_id = IdToConfirm(task);
  std::vector<PictureQuery> queries;
  if (NeedsUrl(task.full_url, task, id)) {
    query.type = PictureType::kImage;
    queries.push_back(query);
  }
  // Without an id, one query is needed even if no URL is wanted.
  if (NeedsUrl(task.preview_url, task, id) || (id.empty() && queries.empty())) {
    query.type = PictureType::kPreview;
    queries.push_back(query);
  }
  return queries;
}

// The picture of a contact in a usync answer.
struct PictureFact {
  std::string id;                              // empty: the answer has none
  std::optional<v1::PictureState> without_id;  // HIDDEN or NOT_SET, if reported
  bool failed = false;  // the answer has no fact about the picture
  // WhatsApp's rate limit, if it is the reason why the picture is not known.
  std::optional<ProtocolError> limit;
};

PictureFact ReadPictureFact(const UsyncUser& user, const UsyncAnswer& answer) {
  PictureFact fact;
  fact.id = user.picture_id.value.value_or("");
  // If the protocol failed as a whole, its code says nothing about this
  // contact.
  const std::optional<ProtocolError>& error = answer.picture_error.has_value()
                                                  ? answer.picture_error
                                                  : user.picture_id.error;
  if (!fact.id.empty() || !error.has_value()) return fact;
  if (IsRateLimit(*error)) {
    fact.limit = error;
  } else if (answer.picture_error.has_value()) {
    fact.failed = true;
  } else if (error->code == kNotAuthorized) {
    fact.without_id = v1::PICTURE_STATE_HIDDEN;
  } else if (error->code == kItemNotFound) {
    fact.without_id = v1::PICTURE_STATE_NOT_SET;
  } else {
    fact.failed = true;
  }
  return fact;
}

void PlanForPicture(const ContactTask& task, const UsyncUser& user,
                    const PictureFact& fact, bool has_token,
                    const Sighting& seen, ContactPlan* plan) {
  Observation& observation = plan->observation;
  const bool may_be_shown = has_token && fact.id.empty() &&
                            fact.without_id != v1::PICTURE_STATE_NOT_SET;
  if (!may_be_shown && fact.without_id.has_value()) {
    observation.state = fact.without_id;
    return;
  }
  if (!fact.id.empty()) {
    observation.state = v1::PICTURE_STATE_AVAILABLE;
    observation.picture_id = fact.id;
  } else if (!may_be_shown && !fact.failed && IsStateKnown(task)) {
    ConfirmState(task, seen, plan);
    return;
  }
  const bool by_number =
      task.contact.kind == ContactKind::kPhoneNumber && !user.pn.user.empty();
  plan->queries =
      QueriesFor(task, by_number ? user.pn : task.contact.jid, fact.id);
  const Jid& alias = by_number ? user.lid : user.pn;
  for (PictureQuery& query : plan->queries) query.alias = alias;
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

PictureUrl UrlOf(std::string url) {
  const absl::Time expires_at =
      whatsapp::UrlExpireTime(url).value_or(absl::InfiniteFuture());
  return {std::move(url), expires_at};
}

// Only groups with new-style ids can belong to a community.
bool MayBeCommunity(const PictureQuery& query) {
  return query.target.IsGroup() && !query.as_community &&
         !absl::StrContains(query.target.user, '-');
}

void SetFound(const PictureQuery& query, const PictureAnswer& answer,
              Observation* observation) {
  const std::string id =
      answer.id.empty() ? observation->picture_id : answer.id;
  // The picture changed between two queries, so the first answer is obsolete.
  if (id != observation->picture_id) {
    SetNoPicture(v1::PICTURE_STATE_AVAILABLE, observation);
  }
  observation->state = v1::PICTURE_STATE_AVAILABLE;
  observation->picture_id = id;
  PictureUrl url = UrlOf(answer.url);
  const bool is_image = query.type == PictureType::kImage;
  (is_image ? observation->full_url : observation->preview_url) =
      std::move(url);
  // If both sizes are known, path, type and hash are those of the larger
  // picture.
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
    const Sighting& seen, bool has_token) {
  if (user.registered.error.has_value()) {
    return FailureOf("registration", *user.registered.error);
  }
  // A LID query does not use <contact>: a LID in the answer is registered.
  const bool is_left_out = !user.registered.value.has_value();
  if (is_left_out && task.contact.kind != ContactKind::kLid) {
    return LookupFailure{v1::ERROR_REASON_UPSTREAM_ERROR,
                         "WhatsApp left the contact out of its answer",
                         kRetryAfterError};
  }
  ContactPlan plan;
  if (is_left_out || !*user.registered.value) {
    plan.observation = StartObservation(task, task.contact.jid, seen);
    plan.observation.registration = v1::REGISTRATION_NOT_REGISTERED;
    return plan;
  }
  // WhatsApp may answer under the contact's other address, which then becomes
  // the observed one; any other JID in the answer is ignored.
  plan.observation = StartObservation(
      task, task.contact.Has(user.pn) ? user.pn : task.contact.jid, seen);
  ApplyUser(task, user, &plan.observation);
  const PictureFact fact = ReadPictureFact(user, answer);
  if (fact.limit.has_value()) return FailureOf("picture id", *fact.limit);
  PlanForPicture(task, user, fact, has_token, seen, &plan);
  return plan;
}

ContactPlan PlanPicture(const ContactTask& task, const Sighting& seen) {
  ContactPlan plan;
  plan.observation = StartObservation(task, task.contact.jid, seen);
  plan.queries = QueriesFor(task, task.contact.jid, /*id=*/"");
  // A channel's answer has both sizes.
  if (task.contact.kind == ContactKind::kChannel) plan.queries.resize(1);
  return plan;
}

void AskForBothSizes(ContactPlan* plan) {
  if (plan->queries.empty()) return;
  PictureQuery query = std::move(plan->queries.front());
  plan->queries.clear();
  query.existing_id.clear();
  if (query.target.IsPhoneNumber() && query.alias.IsLid()) {
    std::swap(query.target, query.alias);
  }
  for (const PictureType type : {PictureType::kImage, PictureType::kPreview}) {
    query.type = type;
    plan->queries.push_back(query);
  }
}

bool IsStateKnown(const ContactTask& task) {
  return task.stored_state_is_fresh &&
         (task.stored_state == v1::PICTURE_STATE_HIDDEN ||
          task.stored_state == v1::PICTURE_STATE_NOT_SET);
}

void ConfirmState(const ContactTask& task, const Sighting& seen,
                  ContactPlan* plan) {
  plan->observation.state = task.stored_state;
  plan->observation.state_is_told = false;
  plan->observation.observed_at = seen.at;
  plan->queries.clear();
}

void ApplyPicture(const PictureAnswer& answer, const Sighting& seen,
                  ContactPlan* plan) {
  PictureQuery query = std::move(plan->queries.front());
  plan->queries.erase(plan->queries.begin());
  Observation& observation = plan->observation;
  observation.observed_at = seen.at;
  switch (answer.outcome) {
    case PictureAnswer::Outcome::kFound:
      SetFound(query, answer, &observation);
      // The remaining queries must return URLs.
      for (PictureQuery& next : plan->queries) {
        next.existing_id.clear();
        next.as_community = query.as_community;
      }
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
      if (MayBeCommunity(query)) {
        query.as_community = true;
        plan->queries.insert(plan->queries.begin(), std::move(query));
        return;
      }
      break;
  }
  plan->queries.clear();
}

void ApplyChannel(const whatsapp::ChannelAnswer& answer,
                  absl::string_view picture_server, const Sighting& seen,
                  ContactPlan* plan) {
  plan->queries.clear();
  Observation& observation = plan->observation;
  observation.observed_at = seen.at;
  if (!answer.exists) {
    observation.registration = v1::REGISTRATION_NOT_REGISTERED;
    return;
  }
  observation.registration = v1::REGISTRATION_REGISTERED;
  observation.name = answer.name;
  if (answer.picture_id.empty()) {
    observation.state = v1::PICTURE_STATE_NOT_SET;
    return;
  }
  observation.state = v1::PICTURE_STATE_AVAILABLE;
  observation.picture_id = answer.picture_id;
  // If there is only one size, it is used for both.
  const bool has_image = !answer.image_path.empty();
  const std::string& image =
      has_image ? answer.image_path : answer.preview_path;
  observation.full_url = UrlOf(absl::StrCat(picture_server, image));
  observation.preview_url = UrlOf(
      absl::StrCat(picture_server,
                   answer.preview_path.empty() ? image : answer.preview_path));
  observation.direct_path = image;
  observation.type = has_image ? "image" : "preview";
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
