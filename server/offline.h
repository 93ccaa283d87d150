// What portraitd does when it is told to do that instead of serving: the
// database is its alone meanwhile.
#ifndef PORTRAIT_SERVER_OFFLINE_H_
#define PORTRAIT_SERVER_OFFLINE_H_

#include <optional>

#include "absl/status/status.h"
#include "server/config.h"

namespace portrait {

// Nothing when `config` says to serve. Says on standard output what was done.
std::optional<absl::Status> RunOffline(const Config& config);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_OFFLINE_H_
