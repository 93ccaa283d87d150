#include "core/store/merge.h"

#include <cstdint>
#include <string>
#include <utility>

#include "core/base/future_time.h"
#include "core/base/proto_time.h"
#include "core/base/utf8.h"
#include "core/contact/contact_key.h"

namespace portrait {
namespace {

using store::v1::ContactRecord;

int64_t MicrosOf(const google::protobuf::Timestamp& time) {
  return time.seconds() * 1'000'000 + time.nanos() / 1000;
}

// The facts that decide the kind of a change.
struct Facts {
  v1::Registration registration = v1::REGISTRATION_UNSPECIFIED;
  v1::PictureState state = v1::PICTURE_STATE_UNSPECIFIED;
  std::string id;
};

Facts FactsOf(const ContactRecord& record) {
  return {record.registration(), record.state(), record.id()};
}

// The state that the observation reports, or UNSPECIFIED if a record cannot
// store it: AVAILABLE without an id, for example.
v1::PictureState ReportedState(const Observation& observation) {
  const v1::PictureState state =
      observation.state.value_or(v1::PICTURE_STATE_UNSPECIFIED);
  switch (state) {
    case v1::PICTURE_STATE_HIDDEN:
    case v1::PICTURE_STATE_NOT_SET:
      return state;
    case v1::PICTURE_STATE_AVAILABLE:
      if (!observation.picture_id.empty()) return state;
      return v1::PICTURE_STATE_UNSPECIFIED;
    default:
      return v1::PICTURE_STATE_UNSPECIFIED;
  }
}

bool ReportsRegistration(const Observation& observation) {
  return observation.registration.value_or(v1::REGISTRATION_UNSPECIFIED) !=
         v1::REGISTRATION_UNSPECIFIED;
}

v1::Registration RegistrationAfter(const Observation& observation,
                                   v1::PictureState told,
                                   v1::Registration before) {
  if (ReportsRegistration(observation)) return *observation.registration;
  // A contact that has a picture must be registered on WhatsApp.
  if (told == v1::PICTURE_STATE_AVAILABLE &&
      before == v1::REGISTRATION_NOT_REGISTERED) {
    return v1::REGISTRATION_REGISTERED;
  }
  return before;
}

void LearnNames(const Observation& observation, ContactRecord& record) {
  if (!observation.phone_number.empty()) {
    record.set_phone_number(ValidUtf8(observation.phone_number));
  } else if (record.phone_number().empty()) {
    record.set_phone_number(PhoneNumberOf(record.jid()));
  }
  if (!observation.lid.empty()) record.set_lid(ValidUtf8(observation.lid));
  if (observation.name.has_value()) {
    record.set_name(ValidUtf8(*observation.name));
  }
  if (observation.is_business.has_value()) {
    record.set_is_business(*observation.is_business);
  }
}

// Removes a picture that is no longer visible from the record; only its id
// remains, as previous_id.
void ForgetPicture(ContactRecord& record) {
  if (!record.id().empty()) {
    record.set_previous_id(std::move(*record.mutable_id()));
  }
  record.clear_id();
  record.clear_url();
  record.clear_url_expire_time();
  record.clear_preview_url();
  record.clear_preview_url_expire_time();
  record.clear_direct_path();
  record.clear_type();
  record.clear_hash();
}

void LearnPicture(const Observation& observation, ContactRecord& record) {
  if (record.id() != observation.picture_id) {
    ForgetPicture(record);
    record.set_id(ValidUtf8(observation.picture_id));
    // The same picture came back, and the picture before it is not known.
    if (record.previous_id() == record.id()) record.clear_previous_id();
  }
  if (observation.full_url.has_value()) {
    record.set_url(ValidUtf8(observation.full_url->url));
    record.clear_url_expire_time();
    if (observation.full_url->expires_at != absl::InfiniteFuture()) {
      *record.mutable_url_expire_time() =
          ToProto(observation.full_url->expires_at);
    }
  }
  if (observation.preview_url.has_value()) {
    record.set_preview_url(ValidUtf8(observation.preview_url->url));
    record.clear_preview_url_expire_time();
    if (observation.preview_url->expires_at != absl::InfiniteFuture()) {
      *record.mutable_preview_url_expire_time() =
          ToProto(observation.preview_url->expires_at);
    }
  }
  if (!observation.direct_path.empty()) {
    record.set_direct_path(ValidUtf8(observation.direct_path));
  }
  if (!observation.type.empty()) {
    record.set_type(ValidUtf8(observation.type));
  }
  if (!observation.hash.empty()) record.set_hash(observation.hash);
}

void LearnState(const Observation& observation, v1::PictureState told,
                ContactRecord& record) {
  if (observation.state_is_told) {
    *record.mutable_state_time() = ToProto(observation.observed_at);
  } else if (record.state() != told) {
    record.clear_state_time();  // the time belonged to another state
  }
  record.set_state(told);
  if (told == v1::PICTURE_STATE_AVAILABLE) {
    LearnPicture(observation, record);
  } else {
    ForgetPicture(record);
  }
}

v1::ChangeKind KindOf(const Facts& before, const ContactRecord& after) {
  if (before.registration != after.registration()) {
    if (before.registration == v1::REGISTRATION_NOT_REGISTERED) {
      return v1::CHANGE_KIND_REGISTERED;
    }
    if (after.registration() == v1::REGISTRATION_NOT_REGISTERED) {
      // HIDDEN or NOT_SET alone does not prove that the number was registered.
      const bool was_there =
          before.registration == v1::REGISTRATION_REGISTERED ||
          before.state == v1::PICTURE_STATE_AVAILABLE;
      return was_there ? v1::CHANGE_KIND_UNREGISTERED
                       : v1::CHANGE_KIND_UNSPECIFIED;
    }
  }
  if (before.state == after.state()) {
    return before.id != after.id() ? v1::CHANGE_KIND_REPLACED
                                   : v1::CHANGE_KIND_UNSPECIFIED;
  }
  if (before.state == v1::PICTURE_STATE_UNSPECIFIED) {
    if (after.state() != v1::PICTURE_STATE_AVAILABLE) {
      return v1::CHANGE_KIND_UNSPECIFIED;
    }
    return after.previous_id().empty() ? v1::CHANGE_KIND_FIRST_SEEN
                                       : v1::CHANGE_KIND_ADDED;
  }
  if (after.state() == v1::PICTURE_STATE_HIDDEN) return v1::CHANGE_KIND_HIDDEN;
  if (before.state == v1::PICTURE_STATE_HIDDEN) {
    return v1::CHANGE_KIND_UNHIDDEN;
  }
  return after.state() == v1::PICTURE_STATE_AVAILABLE ? v1::CHANGE_KIND_ADDED
                                                      : v1::CHANGE_KIND_REMOVED;
}

// Whether `observation`, which led to `record`, answers the picture question.
bool AnswersPictureQuestion(const Observation& observation,
                            v1::PictureState told,
                            const ContactRecord& record) {
  const bool reports_registration = ReportsRegistration(observation);
  if (record.registration() == v1::REGISTRATION_NOT_REGISTERED) {
    return reports_registration;
  }
  return told != v1::PICTURE_STATE_UNSPECIFIED ||
         (reports_registration &&
          record.state() == v1::PICTURE_STATE_UNSPECIFIED);
}

// Whether the stored id or state differs from the one before; becoming
// registered or unregistered counts as a difference.
bool HasChanged(const Facts& before, const ContactRecord& after) {
  const bool was_absent =
      before.registration == v1::REGISTRATION_NOT_REGISTERED;
  const bool is_absent =
      after.registration() == v1::REGISTRATION_NOT_REGISTERED;
  return before.state != after.state() || before.id != after.id() ||
         was_absent != is_absent;
}

}  // namespace

bool IsStale(const Observation& observation, const ContactRecord& record,
             absl::Time now) {
  // Stored times have a precision of one microsecond.
  return record.has_check_time() &&
         !IsFromTheFuture(FromProto(record.check_time()), now) &&
         absl::ToUnixMicros(observation.observed_at) <
             MicrosOf(record.check_time());
}

Merged Merge(const Observation& observation, ContactRecord& record,
             absl::Time now) {
  if (IsStale(observation, record, now)) return {};
  const Facts before = FactsOf(record);
  const v1::PictureState told = ReportedState(observation);

  LearnNames(observation, record);
  record.set_registration(
      RegistrationAfter(observation, told, before.registration));
  if (record.registration() == v1::REGISTRATION_NOT_REGISTERED) {
    ForgetPicture(record);
    record.clear_state();
    record.clear_state_time();
  } else if (told != v1::PICTURE_STATE_UNSPECIFIED) {
    LearnState(observation, told, record);
  }

  if (AnswersPictureQuestion(observation, told, record)) {
    *record.mutable_check_time() = ToProto(observation.observed_at);
    if (!observation.session.empty()) {
      record.set_session(ValidUtf8(observation.session));
    }
    record.clear_outdated();
  }
  if (observation.outdated) record.set_outdated(true);
  if (HasChanged(before, record)) {
    *record.mutable_change_time() = ToProto(observation.observed_at);
  }

  Merged merged = {.applied = true, .change = std::nullopt};
  if (const v1::ChangeKind kind = KindOf(before, record);
      kind != v1::CHANGE_KIND_UNSPECIFIED) {
    merged.change = Change{.sequence = 0,
                           .jid = record.jid(),
                           .phone_number = record.phone_number(),
                           .kind = kind,
                           .old_id = before.id,
                           .new_id = record.id(),
                           .observed_at = FromProto(record.change_time())};
  }
  return merged;
}

}  // namespace portrait
