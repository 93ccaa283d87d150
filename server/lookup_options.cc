#include "server/lookup_options.h"

#include "absl/strings/str_cat.h"
#include "core/base/proto_time.h"
#include "core/base/status_macros.h"
#include "core/contact/contact.h"
#include "core/contact/number_reader.h"
#include "google/protobuf/util/time_util.h"
#include "server/rpc_status.h"

namespace portrait {
namespace {

// WhatsApp's picture ids have about ten digits.
constexpr size_t kMaxPictureIdBytes = 64;
constexpr size_t kMaxSessionNameBytes = 63;
constexpr size_t kCountryCodeBytes = 2;
constexpr int32_t kNanosPerSecond = 1'000'000'000;

// A valid protobuf Duration has seconds and nanos of the same sign, and nanos
// below one second.
absl::Status CheckAge(const google::protobuf::Duration& age) {
  if (age.seconds() < 0 || age.nanos() < 0) {
    return InvalidField("options.max_age", "must not be negative");
  }
  if (age.nanos() >= kNanosPerSecond ||
      age.seconds() > google::protobuf::util::TimeUtil::kDurationMaxSeconds) {
    return InvalidField("options.max_age", "is not a valid duration");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<LookupRequest> ParseLookupOptions(
    const v1::LookupOptions& options, const SessionDirectory& sessions) {
  LookupRequest request;
  if (!v1::PictureSize_IsValid(options.size())) {
    return InvalidField("options.size",
                        absl::StrCat(options.size(), " is not a PictureSize"));
  }
  if (options.size() != v1::PICTURE_SIZE_UNSPECIFIED) {
    request.size = options.size();
  }
  if (options.has_max_age()) {
    RETURN_IF_ERROR(CheckAge(options.max_age()));
    request.max_age = FromProto(options.max_age());
  }
  if (!options.session().empty()) {
    if (options.session().size() > kMaxSessionNameBytes) {
      return InvalidField("options.session", "is longer than a session's name");
    }
    if (!sessions.Exists(options.session())) {
      return InvalidField(
          "options.session",
          absl::StrCat("there is no session '", options.session(), "'"));
    }
    request.session = options.session();
  }
  if (!options.default_country().empty()) {
    if (!IsCountry(options.default_country())) {
      return InvalidField("options.default_country", kNoCountryCode);
    }
    request.default_country = options.default_country();
  }
  return request;
}

LookupItem MakeLookupItem(const v1::EnrichItem& asked) {
  LookupItem item;
  item.tag = asked.tag();
  item.contact = asked.contact().substr(0, kMaxContactBytes + 1);
  // No picture has such a long id, so it cannot be the current one.
  if (asked.existing_id().size() <= kMaxPictureIdBytes) {
    item.existing_id = asked.existing_id();
  }
  item.country = asked.country().substr(0, kCountryCodeBytes + 1);
  return item;
}

}  // namespace portrait
