#include "core/lookup/freshness.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "core/base/future_time.h"
#include "core/base/proto_time.h"
#include "core/store/record_view.h"

namespace portrait {
namespace {

template <typename Record>
bool IsRegistered(const Record& record) {
  return record.registration() != v1::REGISTRATION_NOT_REGISTERED;
}

template <typename Record>
bool IsGroup(const Record& record) {
  return absl::EndsWith(record.jid(), "@g.us");
}

template <typename Record>
absl::Duration DefaultAge(const Record& record,
                          const FreshnessOptions& options) {
  if (!IsRegistered(record)) return options.not_registered;
  switch (record.state()) {
    case v1::PICTURE_STATE_AVAILABLE:
      return options.available;
    case v1::PICTURE_STATE_HIDDEN:
      // WhatsApp Web caches "not authorized" for people only, because an
      // account may join or leave a group at any time.
      return IsGroup(record) ? absl::ZeroDuration() : options.hidden;
    case v1::PICTURE_STATE_NOT_SET:
      return options.not_set;
    default:
      return absl::ZeroDuration();
  }
}

// Whether the record is by `session`. Other accounts may see the picture
// differently.
template <typename Record>
bool SeenBy(const Record& record, const std::string& session) {
  return session.empty() || record.session() == session;
}

UrlNeed NeedOf(bool wanted, bool is_good) {
  if (!wanted) return UrlNeed::kNo;
  return is_good ? UrlNeed::kIfIdChanged : UrlNeed::kAlways;
}

// Puts the registered address of a contact with two addresses first.
template <typename Record>
void AimAt(const Record& record, ContactTask* task) {
  task->stored_registration = record.registration();
  if (task->IsKnownRegistered()) task->contact.PutFirst(record.jid());
}

}  // namespace

template <typename Record>
absl::Time FullUrlExpireTime(const Record& record) {
  if (record.url().empty()) return absl::InfinitePast();
  if (!record.has_url_expire_time()) return absl::InfiniteFuture();
  return FromProto(record.url_expire_time());
}

template <typename Record>
absl::Time PreviewUrlExpireTime(const Record& record) {
  if (record.preview_url().empty()) return absl::InfinitePast();
  if (!record.has_preview_url_expire_time()) return absl::InfiniteFuture();
  return FromProto(record.preview_url_expire_time());
}

template <typename Record>
bool IsComplete(const Record& record, const Wanted& wanted,
                const FreshnessOptions& options, absl::Time now) {
  if (!IsRegistered(record)) return true;
  if (record.state() == v1::PICTURE_STATE_UNSPECIFIED) return false;
  if (record.state() != v1::PICTURE_STATE_AVAILABLE) return true;
  // UNCHANGED is answered without a URL.
  if (!wanted.existing_id.empty() && wanted.existing_id == record.id()) {
    return true;
  }
  const absl::Time good_until = now + options.min_url_life;
  if (WantsFullUrl(wanted) && FullUrlExpireTime(record) < good_until) {
    return false;
  }
  return !WantsPreviewUrl(wanted) || PreviewUrlExpireTime(record) >= good_until;
}

template <typename Record>
bool IsFresh(const Record& record, const Wanted& wanted,
             const FreshnessOptions& options, absl::Time now) {
  if (!record.has_check_time() || record.outdated()) return false;
  if (!SeenBy(record, wanted.session)) return false;
  const absl::Duration max_age =
      wanted.max_age.value_or(DefaultAge(record, options));
  // A max age of zero asks WhatsApp even in the microsecond of the last check.
  if (max_age <= absl::ZeroDuration()) return false;
  const absl::Time checked_at = FromProto(record.check_time());
  if (IsFromTheFuture(checked_at, now) || now - checked_at > max_age) {
    return false;
  }
  return IsComplete(record, wanted, options, now);
}

template <typename Record>
void FillNeeds(const Record* record, const Wanted& wanted,
               const FreshnessOptions& options, absl::Time now,
               ContactTask* task) {
  const absl::Time good_until = now + options.min_url_life;
  const bool available = record != nullptr &&
                         record->state() == v1::PICTURE_STATE_AVAILABLE &&
                         !record->id().empty();
  if (record != nullptr) AimAt(*record, task);
  task->only_session = wanted.session;
  task->existing_id = wanted.existing_id;
  task->full_url =
      NeedOf(WantsFullUrl(wanted),
             available && FullUrlExpireTime(*record) >= good_until);
  task->preview_url =
      NeedOf(WantsPreviewUrl(wanted),
             available && PreviewUrlExpireTime(*record) >= good_until);
  task->stored_id = available ? std::string(record->id()) : "";
  task->stored_state =
      record == nullptr ? v1::PICTURE_STATE_UNSPECIFIED : record->state();
  task->stored_state_is_fresh =
      record != nullptr && !record->outdated() &&
      ((record->state() == v1::PICTURE_STATE_HIDDEN && !IsGroup(*record)) ||
       record->state() == v1::PICTURE_STATE_NOT_SET) &&
      SeenBy(*record, wanted.session) && record->has_state_time() &&
      !IsFromTheFuture(FromProto(record->state_time()), now) &&
      now - FromProto(record->state_time()) < options.told_state_life;
}

// ---- instances for both record types ---------------------------------------

template absl::Time FullUrlExpireTime(const RecordView&);
template absl::Time PreviewUrlExpireTime(const RecordView&);
template bool IsComplete(const RecordView&, const Wanted&,
                         const FreshnessOptions&, absl::Time);
template bool IsFresh(const RecordView&, const Wanted&, const FreshnessOptions&,
                      absl::Time);
template void FillNeeds(const RecordView*, const Wanted&,
                        const FreshnessOptions&, absl::Time, ContactTask*);

template absl::Time FullUrlExpireTime(const store::v1::ContactRecord&);
template absl::Time PreviewUrlExpireTime(const store::v1::ContactRecord&);
template bool IsComplete(const store::v1::ContactRecord&, const Wanted&,
                         const FreshnessOptions&, absl::Time);
template bool IsFresh(const store::v1::ContactRecord&, const Wanted&,
                      const FreshnessOptions&, absl::Time);
template void FillNeeds(const store::v1::ContactRecord*, const Wanted&,
                        const FreshnessOptions&, absl::Time, ContactTask*);

}  // namespace portrait
