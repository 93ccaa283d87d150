// Shortens gRPC's messages about failed connections.
#ifndef PORTRAIT_CLIENT_CLI_TROUBLE_TEXT_H_
#define PORTRAIT_CLIENT_CLI_TROUBLE_TEXT_H_

#include <string>

#include "absl/status/status.h"

namespace portrait::cli {

// Whether a call failed because no connection could be opened.
bool IsUnreachable(const absl::Status& status);

// Returns "Connection refused" without gRPC's details; any other message is
// returned unchanged.
std::string TroubleText(const absl::Status& status);

// Advice on what to check first. Requires IsUnreachable(status).
std::string TroubleHint(const absl::Status& status);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_TROUBLE_TEXT_H_
