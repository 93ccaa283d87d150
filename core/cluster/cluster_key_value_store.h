// A KeyValueStore whose values are the cluster's: it reads from the node's copy
// and writes through the log.
#ifndef PORTRAIT_CORE_CLUSTER_CLUSTER_KEY_VALUE_STORE_H_
#define PORTRAIT_CORE_CLUSTER_CLUSTER_KEY_VALUE_STORE_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/cluster/cluster_picture_store.h"
#include "core/store/key_value_store.h"
#include "core/store/replica.h"

namespace portrait::cluster {

// Thread-safe. A call that writes returns when the values are in the log and
// applied to this node's copy. Errors of such a call, in addition to those of
// KeyValueStore: UNAVAILABLE if this node is not active, or the log does not
// confirm the write. It is then not known whether the values are stored.
class ClusterKeyValueStore final : public KeyValueStore {
 public:
  // `kind` is kSession or kAccess. `copy` has the same values in this node's
  // copy. `log` is used by calls only.
  ClusterKeyValueStore(ClusterPictureStore& log, LogEntry::Kind kind,
                       std::unique_ptr<KeyValueStore> copy)
      : log_(log), kind_(kind), copy_(std::move(copy)) {}

  absl::StatusOr<std::string> Get(absl::string_view key) override {
    return copy_->Get(key);
  }
  absl::Status Put(absl::string_view key, absl::string_view value) override;
  // Each value is a message. After an error, some may be stored.
  absl::Status PutAll(
      absl::Span<const std::pair<std::string, std::string>> entries) override;
  absl::Status Delete(absl::string_view key) override;
  // Of this node's copy. The log drops old values when Kafka compacts it.
  absl::Status Scrub() override { return copy_->Scrub(); }
  bool is_shared() const override { return true; }
  absl::StatusOr<std::vector<std::pair<std::string, std::string>>> List(
      absl::string_view prefix) override {
    return copy_->List(prefix);
  }

 private:
  LogEntry EntryOf(absl::string_view key) const;

  ClusterPictureStore& log_;
  const LogEntry::Kind kind_;
  const std::unique_ptr<KeyValueStore> copy_;
};

}  // namespace portrait::cluster

#endif  // PORTRAIT_CORE_CLUSTER_CLUSTER_KEY_VALUE_STORE_H_
