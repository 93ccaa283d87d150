#include "core/store/retention_filter.h"

#include <string>
#include <utility>

#include "core/contact/contact_key.h"
#include "core/store/keys.h"
#include "core/store/record_view.h"
#include "core/store/rocksdb_database.h"

namespace portrait {
namespace {

// Whether `value` is the record of a contact past retention.
bool HoldsPastContact(absl::string_view value, int64_t first_kept_day) {
  const absl::StatusOr<RecordView> record = RecordView::Read(value);
  return record.ok() && IsPast(LastUsedDay(*record), first_kept_day);
}

// A compaction filter that decides for each entry whether it is removed. It
// keeps unreadable entries, so that readers report the damage.
class RetentionFilter : public rocksdb::CompactionFilter {
 public:
  explicit RetentionFilter(std::shared_ptr<RetentionState> state)
      : state_(std::move(state)) {}

  Decision FilterV2(int /*level*/, const rocksdb::Slice& key, ValueType type,
                    const rocksdb::Slice& value, std::string* /*new_value*/,
                    std::string* /*skip_until*/) const final {
    const bool goes =
        type == ValueType::kValue && Goes(ToView(key), ToView(value));
    return goes ? Decision::kRemove : Decision::kKeep;
  }

 protected:
  virtual bool Goes(absl::string_view key, absl::string_view value) const = 0;

  const std::shared_ptr<RetentionState> state_;
};

class ContactFilter final : public RetentionFilter {
 public:
  explicit ContactFilter(std::shared_ptr<RetentionState> state)
      : RetentionFilter(std::move(state)),
        first_kept_day_(state_->retention.FirstKeptDay()) {}
  const char* Name() const override { return "portrait.contacts"; }

 private:
  bool Goes(absl::string_view /*key*/, absl::string_view value) const override {
    return HoldsPastContact(value, first_kept_day_);
  }

  const int64_t first_kept_day_;  // fixed during one compaction
};

// Filters the change log and the histories; the keys of both end in the
// sequence.
class ChangeFilter final : public RetentionFilter {
 public:
  explicit ChangeFilter(Family family, std::shared_ptr<RetentionState> state)
      : RetentionFilter(std::move(state)),
        is_history_(family == Family::kHistory) {}
  const char* Name() const override { return "portrait.changes"; }

 private:
  bool Goes(absl::string_view key, absl::string_view /*value*/) const override {
    const std::optional<uint64_t> sequence =
        is_history_ ? SequenceOfHistoryKey(key) : DecodeNumber(key);
    return sequence.has_value() && *sequence <= state_->erased_through;
  }

  const bool is_history_;
};

// A mapping is removed together with its contact, which is stored under the
// phone number. If the contact returns, an observation restores the mapping.
class LidFilter final : public RetentionFilter {
 public:
  explicit LidFilter(std::shared_ptr<RetentionState> state)
      : RetentionFilter(std::move(state)),
        first_kept_day_(state_->retention.FirstKeptDay()) {}
  const char* Name() const override { return "portrait.lids"; }

 private:
  bool Goes(absl::string_view key, absl::string_view value) const override {
    rocksdb::DB* const db = state_->db;
    if (db == nullptr) return false;
    const absl::string_view phone = IsLidKey(key) ? value : key;
    rocksdb::PinnableSlice found;
    const rocksdb::Status status = db->Get(
        rocksdb::ReadOptions(), state_->contacts, ToSlice(phone), &found);
    if (status.IsNotFound()) return true;
    if (!status.ok()) return false;
    return HoldsPastContact(ToView(found), first_kept_day_);
  }

  const int64_t first_kept_day_;
};

class RetentionFilterFactory final : public rocksdb::CompactionFilterFactory {
 public:
  RetentionFilterFactory(Family family, std::shared_ptr<RetentionState> state)
      : family_(family), state_(std::move(state)) {}

  const char* Name() const override { return "portrait.retention"; }
  std::unique_ptr<rocksdb::CompactionFilter> CreateCompactionFilter(
      const rocksdb::CompactionFilter::Context& /*context*/) override {
    if (family_ == Family::kContacts) {
      return std::make_unique<ContactFilter>(state_);
    }
    if (family_ == Family::kLids) return std::make_unique<LidFilter>(state_);
    return std::make_unique<ChangeFilter>(family_, state_);
  }

 private:
  const Family family_;
  const std::shared_ptr<RetentionState> state_;
};

}  // namespace

std::shared_ptr<rocksdb::CompactionFilterFactory> MakeRetentionFilter(
    Family family, std::shared_ptr<RetentionState> state) {
  switch (family) {
    case Family::kContacts:
    case Family::kChanges:
    case Family::kHistory:
    case Family::kLids:
      return std::make_shared<RetentionFilterFactory>(family, std::move(state));
    default:
      return nullptr;
  }
}

}  // namespace portrait
