// Converts the end of a stream to the status of operations that waited on it.
#ifndef PORTRAIT_CORE_WHATSAPP_STREAM_STATUS_H_
#define PORTRAIT_CORE_WHATSAPP_STREAM_STATUS_H_

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "core/whatsapp/stream_end.h"

namespace portrait::whatsapp {

// UNAUTHENTICATED if WhatsApp refuses this device or client; UNAVAILABLE if
// reconnecting may help.
inline absl::Status StatusOf(const StreamEnd& end, absl::string_view doing) {
  const std::string message =
      absl::StrCat(doing, ": the stream ended: ", end.reason);
  switch (end.kind) {
    case StreamEnd::Kind::kLoggedOut:
    case StreamEnd::Kind::kBanned:
    case StreamEnd::Kind::kOutdated:
    case StreamEnd::Kind::kRefused:
      return absl::UnauthenticatedError(message);
    default:
      return absl::UnavailableError(message);
  }
}

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_STREAM_STATUS_H_
