#include "server/lookup_options.h"

#include "absl/strings/str_cat.h"
#include "core/base/proto_time.h"
#include "core/base/status_macros.h"
#include "core/contact/contact.h"
#include "google/protobuf/util/time_util.h"
#include "server/rpc_status.h"

namespace portrait {
namespace {

// WhatsApp's picture ids have about ten digits.
constexpr size_t kMaxPictureIdBytes = 64;
constexpr size_t kMaxSessionNameBytes = 63;
constexpr int32_t kNanosPerSecond = 1'000'000'000;

// protobuf's Duration: both parts of one sign, nanos within a second.
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
  return request;
}

LookupItem MakeLookupItem(uint64_t tag, absl::string_view contact,
                          absl::string_view existing_id) {
  LookupItem item;
  item.tag = tag;
  item.contact = std::string(contact.substr(0, kMaxContactBytes + 1));
  // What no picture can have as its id is never current: as good as none.
  if (existing_id.size() <= kMaxPictureIdBytes) {
    item.existing_id = std::string(existing_id);
  }
  return item;
}

}  // namespace portrait
