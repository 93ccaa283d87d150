// What a node tells its operator about the log.
#ifndef PORTRAIT_CORE_CLUSTER_LOG_STATS_H_
#define PORTRAIT_CORE_CLUSTER_LOG_STATS_H_

#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

namespace portrait::cluster {

struct LogStats {
  size_t partitions = 0;
  size_t owned = 0;  // partitions that this node may write to
  // Messages that are in the log and not applied yet, as far as this node has
  // heard from the brokers.
  uint64_t lag = 0;
  uint64_t takeovers = 0;  // partitions taken over since the start
  // Messages, by any node, that were written under an old claim, and ignored.
  uint64_t fenced_writes = 0;
  absl::Duration catch_up;  // the time the node took to catch up at its start
};

}  // namespace portrait::cluster

#endif  // PORTRAIT_CORE_CLUSTER_LOG_STATS_H_
