#include "client/cli/trouble_text.h"

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace portrait::cli {
namespace {

constexpr absl::string_view kNameUnknown = "DNS resolution failed";

}  // namespace

bool IsUnreachable(const absl::Status& status) {
  return absl::IsUnavailable(status) &&
         (absl::StrContains(status.message(), "failed to connect") ||
          absl::StrContains(status.message(), kNameUnknown));
}

std::string TroubleText(const absl::Status& status) {
  const absl::string_view message = status.message();
  if (!IsUnreachable(status)) return std::string(message);
  // The system's error text is at the end.
  const size_t last = message.rfind(": ");
  return std::string(
      last == absl::string_view::npos ? message : message.substr(last + 2));
}

std::string TroubleHint(const absl::Status& status) {
  const absl::string_view message = status.message();
  if (absl::StrContains(message, kNameUnknown))
    return "Is the host name correct?";
  if (absl::StrContains(message, "SSL") || absl::StrContains(message, "Ssl") ||
      absl::StrContains(message, "certificate")) {
    return "Does the server use TLS, with a certificate for this host name?";
  }
  // A server with --tls-client-ca closes the connection of a caller that shows
  // no certificate.
  if (absl::StrContains(message, "Socket closed") ||
      absl::StrContains(message, "Connection reset")) {
    return "Did the server stop, or does it require a client certificate "
           "(--cert, --key)?";
  }
  return "Is portraitd running there?";
}

}  // namespace portrait::cli
