// Whether other machines can reach a server that may only be reached by this
// one, through the front door or with client certificates.
#ifndef PORTRAIT_SERVER_EXPOSURE_H_
#define PORTRAIT_SERVER_EXPOSURE_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/listen_address.h"
#include "server/server_options.h"

namespace portrait {

// Returns true if other machines can connect to `address` because the operator
// accepts it with --insecure-listen; the caller then logs a warning. `flag` set
// the address. `danger` continues "other machines can connect to ADDRESS" in
// the error.
//
// Errors: INVALID_ARGUMENT if other machines can connect and nothing permits
// it.
absl::StatusOr<bool> IsExposed(absl::string_view flag,
                               const ListenAddress& address,
                               const ServerOptions& options,
                               absl::string_view danger = "");

}  // namespace portrait

#endif  // PORTRAIT_SERVER_EXPOSURE_H_
