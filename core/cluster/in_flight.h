// InFlight is the state of contacts as it will be when everything that this
// node has written to the log is applied. Observations are merged into it, so
// that a record whose last message is still on its way is not waited for.
#ifndef PORTRAIT_CORE_CLUSTER_IN_FLIGHT_H_
#define PORTRAIT_CORE_CLUSTER_IN_FLIGHT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "core/store/contact_batch.h"
#include "core/store/forgotten_contacts.h"
#include "core/store/replica.h"

namespace portrait::cluster {

// Thread-safe, but a caller that reads in order to add entries must keep other
// callers from adding in between.
class InFlight final : public ContactSource {
 public:
  // `applied` outlives it. `hash_of` is PictureStore::ObjectionIdOf.
  InFlight(ContactSource& applied,
           std::function<std::string(absl::string_view jid)> hash_of)
      : applied_(applied), hash_of_(std::move(hash_of)) {}

  absl::StatusOr<std::vector<std::optional<store::v1::ContactRecord>>>
  ReadRecords(absl::Span<const absl::string_view> jids) override;
  absl::StatusOr<std::vector<std::string>> ReadCounterparts(
      absl::Span<const absl::string_view> jids) override;
  absl::StatusOr<std::vector<bool>> ReadSuppressed(
      absl::Span<const absl::string_view> jids) override;
  bool has_suppressed() const override;
  ForgottenTime ForgottenAt(absl::string_view jid,
                            uint32_t tenant) const override {
    return forgotten_.ForgottenAt(jid, tenant);
  }

  // The contacts forgotten by this node's callers; guarded by the caller, like
  // reading and adding.
  ForgottenContacts& forgotten() { return forgotten_; }
  uint64_t forget_count() const { return forgotten_.count(); }

  // The entry was written to the log under `write_id`; ids increase.
  void Add(uint64_t write_id, const LogEntry& entry);
  // The entry with this id and key was applied, or will never be.
  void Remove(uint64_t write_id, const LogEntry& entry);

  bool Has(const std::string& key) const;
  size_t size() const;

 private:
  struct Entry {
    uint64_t write_id = 0;  // of the newest message of its key
    // Shared, because readers copy it without the lock.
    std::shared_ptr<const LogEntry> entry;
  };

  std::shared_ptr<const LogEntry> Find(LogEntry::Kind kind,
                                       absl::string_view id) const;

  ContactSource& applied_;
  const std::function<std::string(absl::string_view jid)> hash_of_;
  ForgottenContacts forgotten_;

  mutable absl::Mutex mu_;
  absl::flat_hash_map<std::string, Entry> entries_ ABSL_GUARDED_BY(mu_);
  size_t objections_ ABSL_GUARDED_BY(mu_) = 0;  // in `entries_`
};

}  // namespace portrait::cluster

#endif  // PORTRAIT_CORE_CLUSTER_IN_FLIGHT_H_
