// LogMembership takes part in the consumer group that gives all partitions of
// the log to the node with the access topic's only partition. It reads no
// messages.
#ifndef PORTRAIT_CORE_CLUSTER_LOG_MEMBERSHIP_H_
#define PORTRAIT_CORE_CLUSTER_LOG_MEMBERSHIP_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/cluster/cluster_options.h"
#include "core/cluster/kafka_client.h"
#include "core/cluster/topics.h"

namespace portrait::cluster {

// Thread-compatible; the events are called by Poll.
class LogMembership {
 public:
  struct Events {
    std::function<void(const std::vector<size_t>& places)> on_assigned;
    // Before others get them.
    std::function<void(const std::vector<size_t>& places)> on_revoked;
    // Others may have them already.
    std::function<void(const std::vector<size_t>& places)> on_lost;
  };

  // Joins the group. `writer` tells this process from an earlier one of the
  // same node.
  static absl::StatusOr<std::unique_ptr<LogMembership>> Join(
      const ClusterOptions& options, const KafkaSettings& configured,
      const LogPlaces& places, uint64_t writer, Events events);

  // Errors: FAILED_PRECONDITION if this node can take no part any more.
  absl::Status Poll(absl::Duration timeout);
  // Leaves the group, which gives the partitions to another node at once. Calls
  // on_revoked if this node has any; no further call may follow.
  void Leave();

 private:
  LogMembership(LogPlaces places, Events events)
      : places_(std::move(places)), events_(std::move(events)) {}
  void OnRebalance(rd_kafka_resp_err_t event,
                   rd_kafka_topic_partition_list_t* partitions);

  const LogPlaces places_;
  const Events events_;
  std::unique_ptr<KafkaClient> client_;
};

// Waits until no other process takes part in the group under the node's name.
// `former_writer` is that of this node's last process, which has ended.
//
// Errors: FAILED_PRECONDITION if another still does after its session would
// have timed out. A process that joins later is found by NodeTable.
absl::Status CheckNameIsFree(KafkaClient& client, const ClusterOptions& options,
                             uint64_t former_writer);

}  // namespace portrait::cluster

#endif  // PORTRAIT_CORE_CLUSTER_LOG_MEMBERSHIP_H_
