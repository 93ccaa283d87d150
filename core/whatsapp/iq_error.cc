#include "core/whatsapp/iq_error.h"

#include <cstdint>
#include <limits>
#include <optional>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "core/base/utf8.h"

namespace portrait::whatsapp {
namespace {

constexpr char kBackoffPayload[] = "portrait/whatsapp-backoff-seconds";

absl::StatusCode StatusCodeOf(uint64_t code) {
  switch (code) {
    case 401:
    case 403:
      return absl::StatusCode::kPermissionDenied;
    case 404:
      return absl::StatusCode::kNotFound;
    case 419:
    case 429:
      return absl::StatusCode::kResourceExhausted;
    default:
      break;
  }
  if (code >= 400 && code < 500) return absl::StatusCode::kInvalidArgument;
  if (code >= 500 && code < 600) return absl::StatusCode::kUnavailable;
  return absl::StatusCode::kUnknown;
}

}  // namespace

ProtocolError ParseProtocolError(const Node& error) {
  ProtocolError parsed;
  const std::optional<uint64_t> code = error.NumberAttribute("code");
  if (code && *code <= std::numeric_limits<uint16_t>::max()) {
    parsed.code = static_cast<int>(*code);
  }
  parsed.text = Presentable(error.AttributeOr("text"), kMaxErrorTextBytes);
  // A value out of range is ignored, as WhatsApp's client does.
  const std::optional<uint64_t> backoff = error.NumberAttribute("backoff");
  if (backoff && *backoff <= std::numeric_limits<uint32_t>::max()) {
    parsed.backoff = absl::Seconds(*backoff);
  }
  return parsed;
}

absl::Status StatusOf(const ProtocolError& error) {
  return WithBackoff(
      absl::Status(StatusCodeOf(error.code),
                   absl::StrCat("WhatsApp answered with error ", error.code,
                                error.text.empty() ? "" : " ", error.text)),
      error.backoff);
}

absl::Status IqError(const Node& iq) {
  const Node* const error = iq.FindChild("error");
  if (error != nullptr) return StatusOf(ParseProtocolError(*error));
  if (iq.AttributeOr("type") == "error") {
    return absl::UnknownError("WhatsApp answered with an error without a code");
  }
  return absl::OkStatus();
}

absl::Duration BackoffOf(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kBackoffPayload);
  int64_t seconds = 0;
  if (!payload.has_value() ||
      !absl::SimpleAtoi(std::string(*payload), &seconds)) {
    return absl::ZeroDuration();
  }
  return absl::Seconds(seconds);
}

absl::Status WithBackoff(absl::Status status, absl::Duration backoff) {
  if (status.ok() || backoff <= absl::ZeroDuration()) return status;
  // Rounded up, because a retry must not come too early.
  const int64_t seconds =
      absl::ToInt64Seconds(absl::Ceil(backoff, absl::Seconds(1)));
  status.SetPayload(kBackoffPayload, absl::Cord(absl::StrCat(seconds)));
  return status;
}

}  // namespace portrait::whatsapp
