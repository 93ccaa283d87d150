// What administrators ask about the cluster, and ask of it.
#ifndef PORTRAIT_SERVER_CLUSTER_CALLS_H_
#define PORTRAIT_SERVER_CLUSTER_CALLS_H_

#include <string>

#include "absl/status/status.h"
#include "portrait/v1/admin.pb.h"
#include "server/backends.h"

namespace portrait {

// Errors: FAILED_PRECONDITION without a cluster.
absl::Status ListNodes(const Backends& backends,
                       v1::GetClusterResponse* response);

// Lets another node than this one, which must be `name`, become active soon.
//
// Errors: FAILED_PRECONDITION without a cluster, for a node that is not active,
// or if no other node stands by; NOT_FOUND.
absl::Status HandOverFrom(const Backends& backends, const std::string& name);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_CLUSTER_CALLS_H_
