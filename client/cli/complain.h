// Messages about what went wrong, on standard error.
#ifndef PORTRAIT_CLIENT_CLI_COMPLAIN_H_
#define PORTRAIT_CLIENT_CLI_COMPLAIN_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "client/cli/exit_code.h"
#include "client/portrait_client.h"

namespace portrait::cli {

// Prints "portrait: MESSAGE". Control characters in it are replaced.
void Complain(absl::string_view message);

// Prints the error of a failed call to `client`, with advice.
ExitCode Complain(const absl::Status& status,
                  const client::PortraitClient& client);

// Prints the error of an output that cannot be written; prints nothing if its
// reader has ended, as usual for programs in a pipe.
ExitCode ComplainOutput(const absl::Status& status);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_COMPLAIN_H_
