// How a node takes part in a cluster.
#ifndef PORTRAIT_CORE_CLUSTER_CLUSTER_OPTIONS_H_
#define PORTRAIT_CORE_CLUSTER_CLUSTER_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "core/base/secret.h"

namespace portrait::cluster {

inline constexpr uint32_t kMaxPartitions = 4096;

struct ClusterOptions {
  std::string brokers;            // "HOST:PORT,HOST:PORT"; empty: no cluster
  std::string name = "portrait";  // the prefix of the topics
  std::string node;               // unique in the cluster
  std::string version;            // of portraitd, for the other nodes
  // A file of settings for librdkafka; empty: none.
  std::string kafka_config;
  // The number of partitions of the contacts topic, if this node creates it;
  // fixed from then on. At most kMaxPartitions.
  size_t partitions = 64;

  // The cluster's key: 32 bytes, the same on all nodes.
  Secret key;

  // The time without a heartbeat after which a node's partitions are given to
  // another one; a node that stops hands them over at once. Kafka's
  // group.min.session.timeout.ms is the minimum.
  absl::Duration session_timeout = absl::Seconds(6);
  // The time for a node to find the brokers and topics.
  absl::Duration connect_timeout = absl::Seconds(30);
  // The time for a node to read the log.
  absl::Duration start_timeout = absl::Minutes(30);
  // The time after which a write that the log has not confirmed has failed.
  absl::Duration write_timeout = absl::Seconds(30);
};

}  // namespace portrait::cluster

#endif  // PORTRAIT_CORE_CLUSTER_CLUSTER_OPTIONS_H_
