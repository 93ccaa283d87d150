#include "core/lookup/render.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/proto_time.h"
#include "core/whatsapp/jid.h"

namespace portrait {
namespace {

using store::v1::ContactRecord;

// What holds whatever the picture is.
v1::ProfilePicture RenderContact(ContactRecord& record, v1::Source source) {
  v1::ProfilePicture picture;
  absl::string_view digits = record.jid();
  if (!record.phone_number().empty()) {
    picture.set_phone_number(std::move(*record.mutable_phone_number()));
  } else if (absl::ConsumeSuffix(&digits, "@s.whatsapp.net")) {
    picture.set_phone_number(absl::StrCat("+", digits));
  }
  picture.set_jid(std::move(*record.mutable_jid()));
  picture.set_lid(std::move(*record.mutable_lid()));
  picture.set_registration(record.registration());
  if (record.has_check_time()) {
    picture.mutable_check_time()->Swap(record.mutable_check_time());
  }
  if (record.has_change_time()) {
    picture.mutable_change_time()->Swap(record.mutable_change_time());
  }
  picture.set_previous_id(std::move(*record.mutable_previous_id()));
  picture.set_source(source);
  picture.set_session(std::move(*record.mutable_session()));
  return picture;
}

void RenderUrls(ContactRecord& record, const Wanted& wanted, absl::Time now,
                v1::ProfilePicture* picture) {
  absl::Time expires_at = absl::InfiniteFuture();
  bool given = false;
  if (const absl::Time full = FullUrlExpireTime(record);
      WantsFullUrl(wanted) && full > now) {
    picture->set_url(std::move(*record.mutable_url()));
    expires_at = std::min(expires_at, full);
    given = true;
  }
  if (const absl::Time preview = PreviewUrlExpireTime(record);
      WantsPreviewUrl(wanted) && preview > now) {
    picture->set_preview_url(std::move(*record.mutable_preview_url()));
    expires_at = std::min(expires_at, preview);
    given = true;
  }
  if (!given) return;
  // The direct path is the URL without its host: it expires with it.
  picture->set_direct_path(std::move(*record.mutable_direct_path()));
  picture->set_type(std::move(*record.mutable_type()));
  if (expires_at != absl::InfiniteFuture()) {
    *picture->mutable_url_expire_time() = ToProto(expires_at);
  }
}

}  // namespace

v1::ProfilePicture RenderProfilePicture(ContactRecord record,
                                        const Wanted& wanted, v1::Source source,
                                        absl::Time now) {
  v1::ProfilePicture picture = RenderContact(record, source);
  // Of a number that is not on WhatsApp there is nothing more to say.
  if (record.registration() == v1::REGISTRATION_NOT_REGISTERED) return picture;
  picture.set_is_business(record.is_business());
  picture.set_name(std::move(*record.mutable_name()));
  picture.set_state(record.state());
  if (record.state() != v1::PICTURE_STATE_AVAILABLE) return picture;

  const bool unchanged =
      !wanted.existing_id.empty() && wanted.existing_id == record.id();
  picture.set_id(std::move(*record.mutable_id()));
  picture.set_hash(std::move(*record.mutable_hash()));
  if (unchanged) {
    picture.set_state(v1::PICTURE_STATE_UNCHANGED);
  } else {
    RenderUrls(record, wanted, now, &picture);
  }
  return picture;
}

v1::LookupError RenderError(const LookupFailure& failure) {
  v1::LookupError error;
  error.set_reason(failure.reason);
  error.set_message(failure.message);
  if (failure.retry_after > absl::ZeroDuration() &&
      failure.retry_after != absl::InfiniteDuration()) {
    *error.mutable_retry_after() = ToProto(failure.retry_after);
  }
  return error;
}

}  // namespace portrait
