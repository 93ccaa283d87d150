// A KeyValueStore in one column family of the database.
#ifndef PORTRAIT_CORE_STORE_ROCKSDB_KEY_VALUE_STORE_H_
#define PORTRAIT_CORE_STORE_ROCKSDB_KEY_VALUE_STORE_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/store/picture_store.h"
#include "core/store/rocksdb_database.h"

namespace portrait {

class RocksDbKeyValueStore final : public OrderedKeyValueStore {
 public:
  RocksDbKeyValueStore(std::shared_ptr<RocksDbDatabase> database, Family family)
      : database_(std::move(database)), family_(family) {}

  absl::StatusOr<std::string> Get(absl::string_view key) override;
  absl::Status Put(absl::string_view key, absl::string_view value) override;
  absl::Status PutAll(
      absl::Span<const std::pair<std::string, std::string>> entries) override;
  absl::Status Delete(absl::string_view key) override;
  absl::Status Scrub() override { return database_->Scrub({family_}); }
  absl::StatusOr<std::vector<std::pair<std::string, std::string>>> List(
      absl::string_view prefix) override;
  absl::Status Update(absl::Span<const Entries::value_type> puts,
                      absl::Span<const std::string> deletes) override;
  absl::StatusOr<Entries> ListAfter(absl::string_view prefix,
                                    absl::string_view after,
                                    size_t limit) override;
  absl::Status VisitKeys(
      absl::Span<const std::string> prefixes,
      absl::FunctionRef<bool(absl::string_view key)> on_key) override;

 private:
  const std::shared_ptr<RocksDbDatabase> database_;
  const Family family_;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_ROCKSDB_KEY_VALUE_STORE_H_
