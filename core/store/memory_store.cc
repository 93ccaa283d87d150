// A complete store in memory, and a starting point for another implementation.
// MergeBatch, which all stores share, decides the effects of a batch of
// observations. A store itself reads the data that MergeBatch asks for, writes
// the effects atomically, and admits no other writer in between.
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/synchronization/mutex.h"
#include "core/base/random.h"
#include "core/base/status_macros.h"
#include "core/contact/contact_key.h"
#include "core/store/contact_batch.h"
#include "core/store/forgotten_contacts.h"
#include "core/store/objections.h"
#include "core/store/picture_store.h"
#include "core/store/suppression.h"
#include "core/store/ties.h"

namespace portrait {
namespace {

using store::v1::ContactRecord;

class MemoryPictureStore final : public PictureStore, private ContactSource {
 public:
  absl::Status Read(absl::Span<const absl::string_view> jids,
                    OnStored on_stored) override {
    for (size_t i = 0; i < jids.size(); ++i) {
      std::string bytes;
      StoredView stored;
      {
        absl::MutexLock lock(&mu_);
        const auto record = contacts_.find(KeyOf(jids[i]));
        if (record != contacts_.end()) {
          bytes = record->second.SerializeAsString();
        }
        stored.suppressed = suppressed_.count(hasher_.Hash(jids[i])) > 0;
      }
      absl::StatusOr<RecordView> view = RecordView::Read(bytes);
      stored.status = view.status();
      if (view.ok() && !bytes.empty()) stored.record = &*view;
      on_stored(i, stored);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<ApplyResult>> Apply(
      absl::Span<const Observation> observations) override;

  absl::StatusOr<std::vector<Change>> ReadChanges(uint64_t after,
                                                  size_t limit) override {
    absl::MutexLock lock(&mu_);
    std::vector<Change> changes;
    for (auto change = changes_.upper_bound(after);
         change != changes_.end() && changes.size() < limit; ++change) {
      changes.push_back(change->second);
    }
    return changes;
  }

  absl::StatusOr<std::vector<Change>> ReadHistory(absl::string_view jid,
                                                  uint64_t before,
                                                  size_t limit) override {
    absl::MutexLock lock(&mu_);
    std::vector<Change> changes;
    const History& history = histories_[KeyOf(jid)];
    for (auto sequence = before == 0 ? history.begin()
                                     : history.upper_bound(before);
         sequence != history.end() && changes.size() < limit; ++sequence) {
      changes.push_back(changes_[*sequence]);
    }
    return changes;
  }

  uint64_t last_sequence() const override {
    absl::MutexLock lock(&mu_);
    return last_sequence_;
  }

  absl::StatusOr<uint64_t> Forget(absl::string_view jid,
                                  bool suppress) override {
    RETURN_IF_ERROR(CheckKey(jid));
    absl::MutexLock lock(&mu_);
    return ForgetLocked(std::string(jid), suppress);
  }

  absl::Status Tie(absl::Span<const ContactTie> ties) override;
  absl::StatusOr<Untied> Untie(absl::string_view jid, uint32_t tenant,
                               bool erase_untied) override;
  absl::StatusOr<std::vector<StoredObjection>> ListObjections(
      absl::string_view after, size_t limit) override;
  std::string ObjectionIdOf(absl::string_view jid) const override {
    return hasher_.Hash(jid);
  }
  absl::StatusOr<uint64_t> RemoveObjection(absl::string_view id) override;

  uint64_t forget_count() const override { return forgotten_.count(); }

  void SetChangeListener(std::function<void()> listener) override {
    listener_ = std::move(listener);
  }

 private:
  // The sequences of a contact's changes, newest first.
  using History = std::set<uint64_t, std::greater<uint64_t>>;

  // ContactSource. Apply calls MergeBatch with the lock held.
  absl::StatusOr<std::vector<std::optional<ContactRecord>>> ReadRecords(
      absl::Span<const absl::string_view> jids) override
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    std::vector<std::optional<ContactRecord>> records(jids.size());
    for (size_t i = 0; i < jids.size(); ++i) {
      const auto record = contacts_.find(jids[i]);
      if (record != contacts_.end()) records[i] = record->second;
    }
    return records;
  }
  absl::StatusOr<std::vector<std::string>> ReadCounterparts(
      absl::Span<const absl::string_view> jids) override
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    std::vector<std::string> counterparts;
    for (const absl::string_view jid : jids) {
      counterparts.push_back(CounterpartOf(jid));
    }
    return counterparts;
  }
  absl::StatusOr<std::vector<bool>> ReadSuppressed(
      absl::Span<const absl::string_view> jids) override
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    std::vector<bool> suppressed;
    for (const absl::string_view jid : jids) {
      suppressed.push_back(suppressed_.count(hasher_.Hash(jid)) > 0);
    }
    return suppressed;
  }
  bool has_suppressed() const override ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return !suppressed_.empty();
  }

  ForgottenTime ForgottenAt(absl::string_view jid,
                            uint32_t tenant) const override
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return forgotten_.ForgottenAt(jid, tenant);
  }

  std::string CounterpartOf(absl::string_view jid) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    const auto counterpart = counterparts_.find(jid);
    return counterpart == counterparts_.end() ? "" : counterpart->second;
  }
  std::string KeyOf(absl::string_view jid) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    std::string phone = IsLidKey(jid) ? CounterpartOf(jid) : "";
    return phone.empty() ? std::string(jid) : phone;
  }

  void Write(const BatchEffects& effects) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  std::vector<std::string> AddressesOf(absl::string_view jid) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  uint64_t ForgetLocked(const std::string& jid, bool suppress,
                        absl::string_view other = "")
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  uint64_t EraseLocked(const std::vector<std::string>& jids)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const SuppressionHasher hasher_{RandomBytes(kSuppressionKeyBytes)};
  std::function<void()> listener_;  // constant once the store is shared

  mutable absl::Mutex mu_;
  absl::flat_hash_map<std::string, ContactRecord> contacts_
      ABSL_GUARDED_BY(mu_);
  std::map<uint64_t, Change> changes_ ABSL_GUARDED_BY(mu_);
  absl::flat_hash_map<std::string, History> histories_ ABSL_GUARDED_BY(mu_);
  absl::flat_hash_map<std::string, std::string> counterparts_
      ABSL_GUARDED_BY(mu_);
  std::map<std::string, std::string> suppressed_ ABSL_GUARDED_BY(mu_);
  uint64_t last_sequence_ ABSL_GUARDED_BY(mu_) = 0;
  ForgottenContacts forgotten_;  // guarded by mu_, except for its count
};

absl::StatusOr<std::vector<ApplyResult>> MemoryPictureStore::Apply(
    absl::Span<const Observation> observations) {
  std::vector<ApplyResult> results;
  bool has_changes = false;
  {
    absl::MutexLock lock(&mu_);
    ASSIGN_OR_RETURN(
        BatchEffects effects,
        MergeBatch(*this, observations, last_sequence_, absl::Now()));
    Write(effects);
    has_changes = effects.last_sequence != last_sequence_;
    last_sequence_ = effects.last_sequence;
    for (const ObjectedJid& each : effects.objected) {
      ForgetLocked(each.jid, /*suppress=*/true, each.other);
    }
    results = std::move(effects.results);
  }
  if (has_changes && listener_) listener_();
  return results;
}

void MemoryPictureStore::Write(const BatchEffects& effects) {
  for (const ContactRecord* record : effects.puts) {
    contacts_[record->jid()] = *record;
  }
  for (const std::string& jid : effects.erased) contacts_.erase(jid);
  for (const auto& [jid, counterpart] : effects.counterparts) {
    if (counterpart.empty()) {
      counterparts_.erase(jid);
    } else {
      counterparts_[jid] = counterpart;
    }
  }
  for (const auto& [lid, phone] : effects.moved_histories) {
    const History moved = std::move(histories_[lid]);
    histories_.erase(lid);
    for (const uint64_t sequence : moved) {
      changes_[sequence].jid = phone;
      changes_[sequence].phone_number = PhoneNumberOf(phone);
      histories_[phone].insert(sequence);
    }
  }
  for (const ApplyResult& result : effects.results) {
    if (!result.change.has_value()) continue;
    const Change& change = *result.change;
    changes_[change.sequence] = change;
    histories_[effects.HistoryOwner(change.jid)].insert(change.sequence);
  }
}

std::vector<std::string> MemoryPictureStore::AddressesOf(
    absl::string_view jid) const {
  std::vector<std::string> jids = {std::string(jid)};
  std::string counterpart = CounterpartOf(jid);
  if (!counterpart.empty()) jids.push_back(std::move(counterpart));
  return jids;
}

uint64_t MemoryPictureStore::ForgetLocked(const std::string& jid, bool suppress,
                                          absl::string_view other) {
  const std::vector<std::string> jids = AddressesOf(jid);
  forgotten_.Add(std::vector<absl::string_view>(jids.begin(), jids.end()));
  if (suppress) {
    const auto hash_of = [this](absl::string_view each) {
      return hasher_.Hash(each);
    };
    for (const auto& [hash, objection] :
         MakeObjections(jids, other, hash_of, absl::Now())) {
      suppressed_[hash] = objection.SerializeAsString();
    }
  }
  return EraseLocked(jids);
}

uint64_t MemoryPictureStore::EraseLocked(const std::vector<std::string>& jids) {
  uint64_t erased = jids.size() - 1;  // the mapping between PN and LID
  for (const std::string& each : jids) {
    erased += contacts_.erase(each);
    for (const uint64_t sequence : histories_[each]) {
      changes_.erase(sequence);
      erased += 2;  // one entry in the log and one in the contact's history
    }
    histories_.erase(each);
    counterparts_.erase(each);
  }
  return erased;
}

absl::Status MemoryPictureStore::Tie(absl::Span<const ContactTie> ties) {
  absl::MutexLock lock(&mu_);
  for (const ContactTie& tie : ties) {
    const auto record = contacts_.find(tie.jid);
    if (record != contacts_.end() &&
        ForgottenAt(tie.jid, tie.tenant).count <= tie.forget_count) {
      AddTie(tie.tenant, tie.asked_at, record->second);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Untied> MemoryPictureStore::Untie(absl::string_view jid,
                                                 uint32_t tenant,
                                                 bool erase_untied) {
  RETURN_IF_ERROR(CheckKey(jid));
  absl::MutexLock lock(&mu_);
  const std::vector<std::string> jids = AddressesOf(jid);
  forgotten_.Add(std::vector<absl::string_view>(jids.begin(), jids.end()),
                 tenant);
  Untied untied;
  bool is_stored = false, is_kept = false;
  for (const std::string& each : jids) {
    const auto record = contacts_.find(each);
    if (record == contacts_.end()) continue;
    is_stored = true;
    const bool was_tied = RemoveTie(tenant, record->second);
    untied.was_tied |= was_tied;
    is_kept |= record->second.ties_size() > 0 || (!was_tied && !erase_untied);
  }
  if (is_stored && !is_kept) untied.erased = EraseLocked(jids);
  return untied;
}

absl::StatusOr<std::vector<StoredObjection>> MemoryPictureStore::ListObjections(
    absl::string_view after, size_t limit) {
  absl::MutexLock lock(&mu_);
  std::vector<StoredObjection> objections;
  for (auto entry = suppressed_.upper_bound(std::string(after));
       entry != suppressed_.end() && objections.size() < limit; ++entry) {
    objections.push_back(ToStoredObjection(entry->first, entry->second));
  }
  return objections;
}

absl::StatusOr<uint64_t> MemoryPictureStore::RemoveObjection(
    absl::string_view id) {
  absl::MutexLock lock(&mu_);
  ObjectionLinks links;
  for (const auto& [hash, value] : suppressed_) links.Add(hash, value);
  const std::vector<std::string> ids = links.SameContactAs(id);
  for (const std::string& each : ids) suppressed_.erase(each);
  return ids.size();
}

class MemoryKeyValueStore final : public OrderedKeyValueStore {
 public:
  absl::StatusOr<std::string> Get(absl::string_view key) override {
    absl::MutexLock lock(&mu_);
    const auto value = values_.find(std::string(key));
    if (value == values_.end()) return absl::NotFoundError("no such key");
    return value->second;
  }
  absl::Status Put(absl::string_view key, absl::string_view value) override {
    absl::MutexLock lock(&mu_);
    values_[std::string(key)] = std::string(value);
    return absl::OkStatus();
  }
  absl::Status PutAll(
      absl::Span<const std::pair<std::string, std::string>> entries) override {
    absl::MutexLock lock(&mu_);
    for (const auto& [key, value] : entries) values_[key] = value;
    return absl::OkStatus();
  }
  absl::Status Delete(absl::string_view key) override {
    absl::MutexLock lock(&mu_);
    values_.erase(std::string(key));
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<std::pair<std::string, std::string>>> List(
      absl::string_view prefix) override {
    absl::MutexLock lock(&mu_);
    std::vector<std::pair<std::string, std::string>> entries;
    for (auto entry = values_.lower_bound(std::string(prefix));
         entry != values_.end() && absl::StartsWith(entry->first, prefix);
         ++entry) {
      entries.push_back(*entry);
    }
    return entries;
  }
  absl::Status Update(absl::Span<const Entries::value_type> puts,
                      absl::Span<const std::string> deletes) override {
    absl::MutexLock lock(&mu_);
    for (const auto& [key, value] : puts) values_[key] = value;
    for (const std::string& key : deletes) values_.erase(key);
    return absl::OkStatus();
  }
  absl::StatusOr<Entries> ListAfter(absl::string_view prefix,
                                    absl::string_view after,
                                    size_t limit) override {
    absl::MutexLock lock(&mu_);
    Entries entries;
    auto entry = prefix > after ? values_.lower_bound(std::string(prefix))
                                : values_.upper_bound(std::string(after));
    for (; entry != values_.end() && absl::StartsWith(entry->first, prefix) &&
           entries.size() < limit;
         ++entry) {
      entries.push_back(*entry);
    }
    return entries;
  }
  absl::Status VisitKeys(
      absl::Span<const std::string> prefixes,
      absl::FunctionRef<bool(absl::string_view key)> on_key) override {
    for (const std::string& prefix : prefixes) {
      const auto entries = ListAfter(prefix, "", SIZE_MAX);
      if (!entries.ok()) return entries.status();
      for (const auto& [key, value] : *entries) {
        if (!on_key(key)) return absl::OkStatus();
      }
    }
    return absl::OkStatus();
  }

 private:
  absl::Mutex mu_;
  std::map<std::string, std::string> values_ ABSL_GUARDED_BY(mu_);
};

// A store in memory has no files to maintain.
class NoMaintenance final : public StoreMaintenance {
 public:
  absl::StatusOr<Backup> CreateBackup(const std::string&, size_t) override {
    return Unimplemented();
  }
  absl::StatusOr<VerifyReport> VerifyBackups(const std::string&) override {
    return Unimplemented();
  }
  absl::StatusOr<VerifyReport> Verify() override { return VerifyReport(); }
  absl::Status Compact() override { return absl::OkStatus(); }
  absl::StatusOr<StoreStats> GetStats() override { return StoreStats(); }
  absl::Status CheckWrites() override { return absl::OkStatus(); }
  void Cancel() override {}
  void Allow() override {}

 private:
  static absl::Status Unimplemented() {
    return absl::UnimplementedError("a store in memory has no backups");
  }
};

}  // namespace

Stores NewMemoryStores() {
  return {.pictures = std::make_unique<MemoryPictureStore>(),
          .sessions = std::make_unique<MemoryKeyValueStore>(),
          .access = std::make_unique<MemoryKeyValueStore>(),
          .images = std::make_unique<MemoryKeyValueStore>(),
          .maintenance = std::make_unique<NoMaintenance>()};
}

}  // namespace portrait
