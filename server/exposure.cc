#include "server/exposure.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace portrait {

absl::StatusOr<bool> IsExposed(absl::string_view flag,
                               const ListenAddress& address,
                               const ServerOptions& options,
                               absl::string_view danger) {
  if (address.IsLocal() || options.behind_front ||
      !options.tls.client_ca.empty()) {
    return false;
  }
  if (options.insecure_listen) return true;
  return absl::InvalidArgumentError(absl::StrCat(
      flag, ": other machines can connect to ", address.ToString(), danger,
      options.tls.certificate.empty() ? "; tokens would travel unencrypted"
                                      : "",
      ": use the front door (deploy/front) and --behind-front, or ask for "
      "client certificates with --tls-client-ca, or accept this with "
      "--insecure-listen"));
}

}  // namespace portrait
