// The flags with which a server becomes a node of a cluster.
#ifndef PORTRAIT_SERVER_CLUSTER_FLAGS_H_
#define PORTRAIT_SERVER_CLUSTER_FLAGS_H_

#include "absl/status/status.h"
#include "server/config.h"
#include "server/flags.h"

namespace portrait {

void AddClusterFlags(Flags& flags, Config& config);

// Errors: INVALID_ARGUMENT naming the flag.
absl::Status CheckClusterFlags(const Config& config);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_CLUSTER_FLAGS_H_
