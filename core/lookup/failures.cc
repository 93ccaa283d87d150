#include "core/lookup/failures.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace portrait {
namespace {

// The retry delays of failures whose duration is unknown.
constexpr absl::Duration kRetrySoon = absl::Seconds(1);
constexpr absl::Duration kRetryLater = absl::Seconds(10);

}  // namespace

LookupFailure InvalidContactFailure(const absl::Status& why) {
  return {v1::ERROR_REASON_INVALID_CONTACT, std::string(why.message()),
          absl::ZeroDuration()};
}

LookupFailure OwnNumberFailure() {
  return {v1::ERROR_REASON_OWN_NUMBER,
          "the contact is the number of a WhatsApp account that lookups use",
          absl::ZeroDuration()};
}

LookupFailure SuppressedFailure() {
  return {v1::ERROR_REASON_SUPPRESSED,
          "the contact objected to being looked up", absl::ZeroDuration()};
}

LookupFailure ForgottenFailure() {
  return {v1::ERROR_REASON_SUPPRESSED,
          "the contact was forgotten while it was looked up",
          absl::ZeroDuration()};
}

LookupFailure ShuttingDownFailure() {
  return {v1::ERROR_REASON_SHUTTING_DOWN,
          "the server is shutting down; retry with this or another server",
          kRetrySoon};
}

LookupFailure StorageFailure(const char* verb, const absl::Status& why) {
  // A full disk may be given space, but a damaged record stays damaged.
  const bool may_pass = !absl::IsDataLoss(why);
  return {v1::ERROR_REASON_STORAGE,
          absl::StrCat("the store could not ", verb, ": ", why.message()),
          may_pass ? kRetryLater : absl::ZeroDuration()};
}

LookupFailure NoSessionFailure(const std::string& session) {
  if (session.empty()) {
    return {v1::ERROR_REASON_NO_SESSION,
            "no linked WhatsApp account is working; to link one: portrait "
            "session pair; to see why others stopped: portrait session list",
            absl::ZeroDuration()};
  }
  return {v1::ERROR_REASON_NO_SESSION,
          absl::StrCat("session ", session,
                       " is paused or no longer linked to WhatsApp; see: "
                       "portrait session show ",
                       session),
          absl::ZeroDuration()};
}

LookupFailure NotReadyFailure(
    const SessionDirectory::Availability& availability, absl::Time now) {
  if (availability.ready > 0) {
    return {v1::ERROR_REASON_RATE_LIMITED,
            "no session had capacity for the lookup in time", kRetrySoon};
  }
  if (availability.next_ready == absl::InfiniteFuture()) {
    return {v1::ERROR_REASON_NO_SESSION, "no session is connected now",
            kRetryLater};
  }
  return {v1::ERROR_REASON_RATE_LIMITED,
          "every session has reached its rate limit at WhatsApp",
          std::max(availability.next_ready - now, kRetrySoon)};
}

LookupFailure NoAnswerFailure() {
  return {v1::ERROR_REASON_UPSTREAM_TIMEOUT, "WhatsApp did not answer in time",
          kRetrySoon};
}

LookupFailure NothingToldFailure() {
  return {v1::ERROR_REASON_UPSTREAM_ERROR,
          "WhatsApp's answer says nothing about the picture", kRetryLater};
}

}  // namespace portrait
