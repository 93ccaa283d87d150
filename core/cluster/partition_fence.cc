#include "core/cluster/partition_fence.h"

namespace portrait::cluster {

PartitionFence::PartitionFence(const store::v1::LogPosition& position,
                               const std::vector<std::string>& repairs)
    : next_offset_(position.next_offset()),
      epoch_(position.epoch()),
      writer_(position.writer()),
      node_(position.node()),
      repairs_(repairs.begin(), repairs.end()) {}

PartitionFence::Verdict PartitionFence::Read(int64_t offset,
                                             const std::string& key,
                                             const LogMessage& message) {
  next_offset_ = offset + 1;
  switch (message.type) {
    case LogMessage::Type::kIdentity:
    case LogMessage::Type::kNode:
      return {.counts = true};
    case LogMessage::Type::kClaim:
      if (message.claim.epoch() <= epoch_) return {.counts = false};
      epoch_ = message.claim.epoch();
      writer_ = message.claim.writer();
      node_ = message.claim.node();
      return {.counts = true};
    case LogMessage::Type::kEntry:
      break;
  }
  Verdict verdict;
  verdict.counts = epoch_ > 0 && message.header.epoch() == epoch_ &&
                   message.header.writer() == writer_;
  if (!verdict.counts) {
    repairs_.insert(key);
    verdict.repair = LoggedWrite::Repair::kNeeded;
  } else if (!repairs_.empty() && repairs_.erase(key) > 0) {
    verdict.repair = LoggedWrite::Repair::kDone;
  }
  return verdict;
}

store::v1::LogPosition PartitionFence::Position() const {
  store::v1::LogPosition position;
  position.set_next_offset(next_offset_);
  position.set_epoch(epoch_);
  position.set_writer(writer_);
  position.set_node(node_);
  return position;
}

}  // namespace portrait::cluster
