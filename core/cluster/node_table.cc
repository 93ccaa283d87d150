#include "core/cluster/node_table.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/proto_time.h"

namespace portrait::cluster {

NodeTable::NodeTable(std::string name, std::string version, uint64_t writer,
                     Clock clock)
    : name_(std::move(name)),
      version_(std::move(version)),
      writer_(writer),
      clock_(std::move(clock)),
      started_at_(clock_()) {}

ClusterNode NodeTable::NodeOf(const std::string& name, const Row& row) const {
  ClusterNode node;
  node.name = name;
  node.version = row.message.version();
  node.addresses = {row.message.address(), row.message.http_address(),
                    row.message.is_serving()};
  node.is_here = name == name_;
  node.is_active = name == claim_node_ && row.writer == claim_writer_;
  node.owned_partitions = row.message.owned_partitions();
  node.lag = row.message.lag();
  node.started_at = FromProto(row.message.start_time());
  node.silence = clock_() - row.heard_at;
  node.is_gone = node.silence > kNodeTimeout;
  return node;
}

std::vector<ClusterNode> NodeTable::List() const {
  std::vector<ClusterNode> nodes;
  absl::MutexLock lock(&mu_);
  for (const auto& [name, row] : rows_) nodes.push_back(NodeOf(name, row));
  return nodes;
}

std::optional<ClusterNode> NodeTable::Active() const {
  absl::MutexLock lock(&mu_);
  const auto row = rows_.find(claim_node_);
  if (row == rows_.end()) return std::nullopt;
  ClusterNode node = NodeOf(row->first, row->second);
  if (!node.is_active || node.addresses.grpc.empty()) return std::nullopt;
  return node;
}

void NodeTable::Announce(const NodeAddresses& addresses) {
  absl::MutexLock lock(&mu_);
  if (addresses == addresses_) return;
  addresses_ = addresses;
  has_news_ = true;
}

store::v1::LoggedNode NodeTable::OwnMessage(uint64_t owned, uint64_t lag) {
  store::v1::LoggedNode message;
  message.set_version(version_);
  message.set_owned_partitions(owned);
  message.set_lag(lag);
  *message.mutable_start_time() = ToProto(started_at_);
  absl::MutexLock lock(&mu_);
  message.set_address(addresses_.grpc);
  message.set_http_address(addresses_.http);
  message.set_is_serving(addresses_.is_serving);
  has_news_ = false;
  return message;
}

bool NodeTable::HasNews() const {
  absl::MutexLock lock(&mu_);
  return has_news_;
}

// Of two processes with one name, the one whose first message comes first in
// the log keeps the name. An earlier process that has ended writes no more.
absl::Status NodeTable::CheckOwnName(uint64_t writer) {
  if (writer == writer_) {
    is_heard_ = true;
  } else if (!is_heard_) {
    earlier_writer_ = writer;
  } else if (writer == earlier_writer_) {
    return absl::FailedPreconditionError(
        absl::StrCat("--node-name ", name_,
                     ": another node of this name is in the cluster; each node "
                     "needs a name of its own"));
  }
  return absl::OkStatus();
}

absl::Status NodeTable::OnMessage(const std::string& name, uint64_t writer,
                                  const store::v1::LoggedNode* message,
                                  bool is_new) {
  absl::MutexLock lock(&mu_);
  if (name == name_) {
    if (const absl::Status is_ours = CheckOwnName(writer); !is_ours.ok()) {
      return is_ours;
    }
    if (is_heard_ && writer != writer_) return absl::OkStatus();
  }
  if (message == nullptr) {
    rows_.erase(name);
    return absl::OkStatus();
  }
  if (rows_.size() >= kMaxNodes && !rows_.contains(name)) {
    return absl::OkStatus();
  }
  Row& row = rows_[name];
  row.writer = writer;
  row.message = *message;
  if (is_new) row.heard_at = clock_();
  return absl::OkStatus();
}

void NodeTable::OnClaim(const std::string& name, uint64_t writer) {
  absl::MutexLock lock(&mu_);
  claim_node_ = name;
  claim_writer_ = writer;
}

}  // namespace portrait::cluster
