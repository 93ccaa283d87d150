// RetainingStore is a RocksDbPictureStore that expires contacts which no caller
// has used for the retention time: reads stop returning them at once, and
// compaction removes them from the disk later.
#ifndef PORTRAIT_CORE_STORE_RETAINING_STORE_H_
#define PORTRAIT_CORE_STORE_RETAINING_STORE_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/store/picture_store.h"
#include "core/store/retention_filter.h"
#include "core/store/rocksdb_picture_store.h"
#include "core/store/used_contacts.h"

namespace portrait {

// Thread-safe. Reading a contact counts as use.
class RetainingStore final : public PictureStore {
 public:
  RetainingStore(std::unique_ptr<RocksDbPictureStore> store,
                 std::shared_ptr<RetentionState> state);

  absl::Status Read(absl::Span<const absl::string_view> jids,
                    OnStored on_stored) override;

  absl::Status Peek(absl::Span<const absl::string_view> jids,
                    OnStored on_stored) override;

  absl::StatusOr<std::vector<ApplyResult>> Apply(
      absl::Span<const Observation> observations) override {
    return store_->Apply(observations);
  }
  absl::StatusOr<std::vector<Change>> ReadChanges(uint64_t after,
                                                  size_t limit) override {
    return store_->ReadChanges(after, limit);
  }
  absl::StatusOr<std::vector<Change>> ReadHistory(absl::string_view jid,
                                                  uint64_t before,
                                                  size_t limit) override {
    return store_->ReadHistory(jid, before, limit);
  }
  uint64_t last_sequence() const override { return store_->last_sequence(); }
  uint64_t forget_count() const override { return store_->forget_count(); }
  absl::StatusOr<uint64_t> Forget(absl::string_view jid,
                                  bool suppress) override {
    return store_->Forget(jid, suppress);
  }
  absl::Status Tie(absl::Span<const ContactTie> ties) override {
    return store_->Tie(ties);
  }
  absl::StatusOr<Untied> Untie(absl::string_view jid, uint32_t tenant,
                               bool erase_untied) override {
    return store_->Untie(jid, tenant, erase_untied);
  }
  absl::StatusOr<std::vector<StoredObjection>> ListObjections(
      absl::string_view after, size_t limit) override {
    return store_->ListObjections(after, limit);
  }
  std::string ObjectionIdOf(absl::string_view jid) const override {
    return store_->ObjectionIdOf(jid);
  }
  absl::StatusOr<uint64_t> RemoveObjection(absl::string_view id) override {
    return store_->RemoveObjection(id);
  }
  // Waits until the use of all contacts read so far has been written; for
  // tests.
  void FlushUsed() { used_.Flush(); }
  void SetChangeListener(std::function<void()> listener) override {
    store_->SetChangeListener(std::move(listener));
  }
  std::vector<FamilySize> Sizes() const override { return store_->Sizes(); }

 private:
  // The JIDs of the records that are not marked as used today go to `unmarked`.
  absl::Status ReadKept(absl::Span<const absl::string_view> jids,
                        OnStored on_stored, std::vector<std::string>* unmarked);

  const std::unique_ptr<RocksDbPictureStore> store_;
  const std::shared_ptr<RetentionState> state_;
  // The first kept day at the time when the cached records were read.
  std::atomic<int64_t> cached_since_ = 0;
  UsedContacts used_;  // writes to `store_`
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_RETAINING_STORE_H_
