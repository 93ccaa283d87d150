// The PictureStore in RocksDB. Each of its operations is in a file of its own:
// rocksdb_apply.cc, rocksdb_forget.cc, rocksdb_objections.cc, rocksdb_read.cc,
// rocksdb_tie.cc, rocksdb_use.cc.
#ifndef PORTRAIT_CORE_STORE_ROCKSDB_PICTURE_STORE_H_
#define PORTRAIT_CORE_STORE_ROCKSDB_PICTURE_STORE_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/synchronization/mutex.h"
#include "core/store/contact_batch.h"
#include "core/store/forgotten_contacts.h"
#include "core/store/picture_store.h"
#include "core/store/record_cache.h"
#include "core/store/rocksdb_database.h"
#include "core/store/suppression.h"
#include "rocksdb/write_batch.h"

namespace portrait {
// Thread-safe. Readers take no lock. A writer holds a lock from its first read
// until its write is on disk: its decisions depend on the data it read, and
// watchers must never see a sequence before a lower one.
class RocksDbPictureStore final : public PictureStore, private ContactSource {
 public:
  static absl::StatusOr<std::unique_ptr<RocksDbPictureStore>> Make(
      std::shared_ptr<RocksDbDatabase> database, const RocksDbOptions& options);

  absl::Status Read(absl::Span<const absl::string_view> jids,
                    OnStored on_stored) override;
  absl::StatusOr<std::vector<ApplyResult>> Apply(
      absl::Span<const Observation> observations) override;
  absl::StatusOr<std::vector<Change>> ReadChanges(uint64_t after,
                                                  size_t limit) override;
  absl::StatusOr<std::vector<Change>> ReadHistory(absl::string_view jid,
                                                  uint64_t before,
                                                  size_t limit) override;
  uint64_t last_sequence() const override { return last_sequence_; }
  absl::Status MarkUsed(absl::Span<const std::string> jids);
  void DropCached() { cache_.DropAll(); }
  uint64_t forget_count() const override { return forgotten_.count(); }
  absl::StatusOr<uint64_t> Forget(absl::string_view jid,
                                  bool suppress) override;
  absl::Status Tie(absl::Span<const ContactTie> ties) override;
  absl::StatusOr<Untied> Untie(absl::string_view jid, uint32_t tenant,
                               bool erase_untied) override;
  absl::StatusOr<std::vector<StoredObjection>> ListObjections(
      absl::string_view after, size_t limit) override;
  std::string ObjectionIdOf(absl::string_view jid) const override;
  absl::StatusOr<uint64_t> RemoveObjection(absl::string_view id) override;
  void SetChangeListener(std::function<void()> listener) override;
  std::vector<FamilySize> Sizes() const override;

 private:
  friend class RocksDbReplica;  // writes the messages of a log

  // Receives the value of the key at `index` of the requested keys.
  using OnFound =
      absl::FunctionRef<absl::Status(size_t index, absl::string_view value)>;

  RocksDbPictureStore(std::shared_ptr<RocksDbDatabase> database,
                      const RocksDbOptions& options,
                      absl::string_view suppression_key);

  // ContactSource; leaves out records past retention.
  absl::StatusOr<std::vector<std::optional<store::v1::ContactRecord>>>
  ReadRecords(absl::Span<const absl::string_view> jids) override;
  absl::StatusOr<std::vector<std::string>> ReadCounterparts(
      absl::Span<const absl::string_view> jids) override;
  absl::StatusOr<std::vector<bool>> ReadSuppressed(
      absl::Span<const absl::string_view> jids) override;
  bool has_suppressed() const override { return has_suppressed_; }
  ForgottenTime ForgottenAt(absl::string_view jid,
                            uint32_t tenant) const override {
    return forgotten_.ForgottenAt(jid, tenant);
  }

  absl::Status Load();
  absl::Status MultiGet(const rocksdb::ReadOptions& options, Family family,
                        absl::Span<const absl::string_view> keys,
                        OnFound on_found) const;
  absl::StatusOr<std::vector<std::string>> CounterpartsAt(
      const rocksdb::ReadOptions& options,
      absl::Span<const absl::string_view> jids) const;
  absl::Status ReadThroughLids(absl::Span<const absl::string_view> jids,
                               OnStored on_stored);
  // `keys` are the keys of the records of `jids`.
  absl::Status ReadKeys(const rocksdb::ReadOptions& options,
                        absl::Span<const absl::string_view> jids,
                        absl::Span<const absl::string_view> keys,
                        OnStored on_stored);
  absl::StatusOr<std::vector<bool>> SuppressedAmong(
      absl::Span<const absl::string_view> jids,
      absl::Span<const rocksdb::Status> statuses);
  // Calls `on_change` with each change in the JID's own history, newest first,
  // from sequences below `before` (0: all), until it returns false.
  absl::Status ScanHistory(absl::string_view jid, uint64_t before,
                           absl::FunctionRef<bool(Change)> on_change) const;

  void AddRecord(const store::v1::ContactRecord& record)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  absl::Status AddToBatch(const BatchEffects& effects)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  // Keys and values of the history family, to be added to the batch.
  using HistoryEntries = std::vector<std::pair<std::string, std::string>>;
  void AddChange(const Change& change, absl::string_view owner,
                 HistoryEntries* history)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  absl::Status AddMovedHistory(const std::string& lid, const std::string& phone,
                               HistoryEntries* history)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  using Jids = std::vector<std::string>;  // of one contact
  // `other`: a further JID of a contact that objects; empty: none.
  absl::StatusOr<uint64_t> ForgetLocked(absl::string_view jid, bool suppress,
                                        absl::string_view other = "")
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  absl::StatusOr<uint64_t> EraseLocked(const Jids& jids)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  absl::Status SuppressLocked(const Jids& jids, absl::string_view other)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  absl::Status WriteForgotten(const Jids& jids)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  absl::StatusOr<uint64_t> EraseContact(absl::string_view jid)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);

  const std::shared_ptr<RocksDbDatabase> database_;
  const StoreSync sync_;
  const SuppressionHasher hasher_;
  RecordCache cache_;
  std::function<void()> listener_;  // constant once the store is shared

  std::atomic<uint64_t> last_sequence_ = 0;
  std::atomic<bool> has_suppressed_ = false;

  absl::Mutex writer_mu_;  // held during disk reads and writes
  // Members, to reuse their memory.
  rocksdb::WriteBatch batch_ ABSL_GUARDED_BY(writer_mu_);
  std::string scratch_ ABSL_GUARDED_BY(writer_mu_);
  ForgottenContacts forgotten_;  // guarded by writer_mu_, except for its count
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_ROCKSDB_PICTURE_STORE_H_
