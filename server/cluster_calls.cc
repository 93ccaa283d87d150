#include "server/cluster_calls.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/base/proto_time.h"
#include "core/base/status_macros.h"

namespace portrait {
namespace {

absl::Status CheckClustered(const Backends& backends) {
  if (backends.cluster != nullptr) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "this server is alone: start it with --kafka to make it a node of a "
      "cluster");
}

// The node that answers is the active one, whatever the log says.
v1::NodeState StateOf(const cluster::ClusterNode& node) {
  if (node.is_here) return v1::NODE_STATE_ACTIVE;
  return node.is_gone ? v1::NODE_STATE_GONE : v1::NODE_STATE_STANDBY;
}

}  // namespace

absl::Status ListNodes(const Backends& backends,
                       v1::GetClusterResponse* response) {
  RETURN_IF_ERROR(CheckClustered(backends));
  const absl::Time now = absl::Now();
  for (const cluster::ClusterNode& node : backends.cluster->Nodes()) {
    v1::ClusterNode& proto = *response->add_nodes();
    proto.set_name(node.name);
    proto.set_state(StateOf(node));
    proto.set_version(node.version);
    proto.set_address(node.addresses.grpc);
    proto.set_http_address(node.addresses.http);
    proto.set_partitions(static_cast<uint32_t>(node.owned_partitions));
    proto.set_lag(node.lag);
    *proto.mutable_start_time() = ToProto(node.started_at);
    if (node.silence != absl::InfiniteDuration()) {
      *proto.mutable_hear_time() = ToProto(now - node.silence);
    }
  }
  response->set_accounts(
      static_cast<uint32_t>(backends.sessions.List().size()));
  *response->mutable_takeover_time() =
      ToProto(backends.cluster->active_since());
  return absl::OkStatus();
}

absl::Status HandOverFrom(const Backends& backends, const std::string& name) {
  RETURN_IF_ERROR(CheckClustered(backends));
  const std::vector<cluster::ClusterNode> nodes = backends.cluster->Nodes();
  const auto found =
      std::find_if(nodes.begin(), nodes.end(),
                   [&](const auto& node) { return node.name == name; });
  if (found == nodes.end()) {
    return absl::NotFoundError(absl::StrCat("no node is called '", name, "'"));
  }
  if (!found->is_here) {
    return absl::FailedPreconditionError(
        absl::StrCat(name, " is not active; it can be stopped at any time"));
  }
  const bool has_other = std::any_of(
      nodes.begin(), nodes.end(),
      [](const auto& node) { return !node.is_here && !node.is_gone; });
  if (!has_other) {
    return absl::FailedPreconditionError(
        absl::StrCat("no other node stands by for ", name));
  }
  backends.cluster->HandOver();
  return absl::OkStatus();
}

}  // namespace portrait
