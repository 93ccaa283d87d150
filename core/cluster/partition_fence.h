// PartitionFence decides, message by message, what counts in a partition of the
// log. Every reader decides the same, because only the order of the messages
// matters.
//
// A claim counts if its epoch is above that of the newest claim before it. An
// entry counts if it was written under the newest claim before it. Thus a node
// that lost a partition and does not know it changes nothing.
//
// An entry that does not count may be the last one of its key. Compaction then
// removes the entry before it, which does. Therefore the key goes into a list
// of repairs, and the owner writes the key's state again.
#ifndef PORTRAIT_CORE_CLUSTER_PARTITION_FENCE_H_
#define PORTRAIT_CORE_CLUSTER_PARTITION_FENCE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/btree_set.h"
#include "core/cluster/log_message.h"
#include "core/store/replica.h"
#include "portrait/store/v1/cluster.pb.h"

namespace portrait::cluster {

// Thread-compatible. Performs no I/O.
class PartitionFence {
 public:
  PartitionFence() = default;
  // Continues where a position was stored.
  PartitionFence(const store::v1::LogPosition& position,
                 const std::vector<std::string>& repairs);

  struct Verdict {
    bool counts = false;
    LoggedWrite::Repair repair = LoggedWrite::Repair::kUnchanged;
  };
  // Judges the message at `offset`, with this key. Offsets increase, but not by
  // one: compaction leaves gaps.
  Verdict Read(int64_t offset, const std::string& key,
               const LogMessage& message);

  // Everything that has been read, except for the repairs.
  store::v1::LogPosition Position() const;

  int64_t next_offset() const { return next_offset_; }
  // The newest claim; epoch 0: there is none.
  uint64_t epoch() const { return epoch_; }
  uint64_t writer() const { return writer_; }
  const std::string& node() const { return node_; }
  // Keys whose state the owner has to write again.
  const absl::btree_set<std::string>& repairs() const { return repairs_; }

 private:
  int64_t next_offset_ = 0;
  uint64_t epoch_ = 0;
  uint64_t writer_ = 0;
  std::string node_;
  absl::btree_set<std::string> repairs_;
};

}  // namespace portrait::cluster

#endif  // PORTRAIT_CORE_CLUSTER_PARTITION_FENCE_H_
