// What a node checks before it follows a log: that the log, the data folder and
// the key belong together.
#ifndef PORTRAIT_CORE_CLUSTER_LOG_START_H_
#define PORTRAIT_CORE_CLUSTER_LOG_START_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/cluster/cluster_options.h"
#include "core/cluster/log_client.h"
#include "core/cluster/partition_fence.h"
#include "core/cluster/topics.h"
#include "core/store/replica.h"

namespace portrait::cluster {

// The key with which all nodes hash JIDs that objected; 32 bytes.
std::string SuppressionKeyOf(const Secret& cluster_key);

// Reads which log it is, or names it if no node has yet, and compares it with
// the options and with what `replica` followed before.
//
// Errors: FAILED_PRECONDITION; UNAVAILABLE.
absl::Status CheckIdentity(const ClusterOptions& options,
                           const KafkaSettings& settings,
                           const LogPlaces& places, LogReader& reader,
                           Replica& replica);

// The position up to which the replica has applied each partition.
//
// Errors: FAILED_PRECONDITION if the replica has not followed the log for so
// long that the log may no longer have the tombstones of erased contacts.
absl::StatusOr<std::vector<PartitionFence>> ReadFences(const LogPlaces& places,
                                                       Replica& replica,
                                                       absl::Time now);

// Stores that the replica followed the log at this time.
absl::Status NoteAlive(Replica& replica, absl::Time now);

// The number of the last process that used the replica; 0 if there was none.
absl::StatusOr<uint64_t> ReadFormerWriter(Replica& replica);
// Stores the number of this process.
absl::Status NoteWriter(Replica& replica, uint64_t writer);

}  // namespace portrait::cluster

#endif  // PORTRAIT_CORE_CLUSTER_LOG_START_H_
