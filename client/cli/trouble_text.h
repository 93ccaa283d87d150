// What gRPC says when there is no connection, in a few words.
#ifndef PORTRAIT_CLIENT_CLI_TROUBLE_TEXT_H_
#define PORTRAIT_CLIENT_CLI_TROUBLE_TEXT_H_

#include <string>

#include "absl/status/status.h"

namespace portrait::cli {

// Whether a call failed so because no connection came about.
bool IsUnreachable(const absl::Status& status);

// "Connection refused" where gRPC also tells how it came to try; the message as
// it is where that is another one.
std::string TroubleText(const absl::Status& status);

// What the user might look at first. Requires IsUnreachable(status).
std::string TroubleHint(const absl::Status& status);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_TROUBLE_TEXT_H_
