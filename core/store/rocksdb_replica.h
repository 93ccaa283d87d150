// The Replica in RocksDB.
#ifndef PORTRAIT_CORE_STORE_ROCKSDB_REPLICA_H_
#define PORTRAIT_CORE_STORE_ROCKSDB_REPLICA_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "core/store/replica.h"
#include "core/store/rocksdb_database.h"
#include "core/store/rocksdb_picture_store.h"

namespace portrait {

// Thread-safe; see RocksDbPictureStore.
class RocksDbReplica final : public Replica {
 public:
  RocksDbReplica(std::shared_ptr<RocksDbDatabase> database,
                 std::unique_ptr<RocksDbPictureStore> store)
      : database_(std::move(database)), store_(std::move(store)) {}

  absl::Status Write(absl::Span<LoggedWrite> writes) override;
  absl::StatusOr<std::optional<std::string>> ReadPosition(
      const std::string& name) override;
  absl::Status WritePosition(const std::string& name,
                             const std::string& position) override;
  absl::StatusOr<std::vector<std::string>> ReadRepairs(
      const std::string& name) override;
  absl::StatusOr<LogEntry> ReadEntry(LogEntry::Kind kind,
                                     absl::string_view id) override;
  absl::StatusOr<uint64_t> Checksum(
      absl::FunctionRef<bool(absl::string_view jid)> is_included) override;
  ContactSource& contacts() override { return *store_; }
  PictureStore& pictures() override { return *store_; }
  int32_t Today() const override {
    return static_cast<int32_t>(database_->retention().Today());
  }

 private:
  // What the store's batch has beside the data of its entries.
  struct Pending {
    uint64_t last_sequence = 0;
    std::vector<std::string> touched;  // keys of records
    absl::btree_map<std::string, std::string> positions;
  };

  // Each is called with the store's writer_mu_ held, which the annotations of
  // another class's member cannot say.
  absl::Status Add(LoggedWrite& write, Pending* pending);
  absl::Status AddRecord(LoggedWrite& write, Pending* pending);
  absl::Status EraseRecord(LoggedWrite& write, Pending* pending);
  absl::Status AddLid(LoggedWrite& write, Pending* pending);
  void AddObjection(const LogEntry& entry);
  void AddValue(const LogEntry& entry);
  absl::Status Flush(Pending* pending);

  const std::shared_ptr<RocksDbDatabase> database_;
  const std::unique_ptr<RocksDbPictureStore> store_;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_ROCKSDB_REPLICA_H_
