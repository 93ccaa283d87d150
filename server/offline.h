// Operations that portraitd runs in place of serving; they have the database to
// themselves.
#ifndef PORTRAIT_SERVER_OFFLINE_H_
#define PORTRAIT_SERVER_OFFLINE_H_

#include <optional>

#include "absl/status/status.h"
#include "server/config.h"

namespace portrait {

// Returns nullopt if `config` requests serving. Prints the result of the
// operation to standard output.
std::optional<absl::Status> RunOffline(const Config& config);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_OFFLINE_H_
