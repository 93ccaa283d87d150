#include "core/store/retention_filter.h"

#include <string>
#include <utility>

#include "core/contact/contact_key.h"
#include "core/store/keys.h"
#include "core/store/last_use.h"
#include "core/store/record_view.h"
#include "core/store/rocksdb_database.h"

namespace portrait {
namespace {

using Decision = rocksdb::CompactionFilter::Decision;

// The relevant days during one compaction.
struct Days {
  explicit Days(const Retention& retention)
      : today(retention.Today()), first_kept(retention.FirstKeptDay()) {}

  const int64_t today;
  const int64_t first_kept;
};

// Whether `value` is the record of a contact past retention.
bool IsExpiredContact(absl::string_view value, const Days& days) {
  const absl::StatusOr<RecordView> record = RecordView::Read(value);
  return record.ok() &&
         IsPast(KnownLastUse(*record, days.today), days.first_kept);
}

// A compaction filter that decides for each entry whether it is removed. It
// keeps unreadable entries, so that readers report the damage.
class RetentionFilter : public rocksdb::CompactionFilter {
 public:
  explicit RetentionFilter(std::shared_ptr<RetentionState> state)
      : state_(std::move(state)) {}

  Decision FilterV2(int /*level*/, const rocksdb::Slice& key, ValueType type,
                    const rocksdb::Slice& value, std::string* new_value,
                    std::string* /*skip_until*/) const final {
    if (type != ValueType::kValue) return Decision::kKeep;
    return Decide(ToView(key), ToView(value), new_value);
  }

 protected:
  virtual Decision Decide(absl::string_view key, absl::string_view value,
                          std::string* new_value) const = 0;
  static Decision RemoveIf(bool goes) {
    return goes ? Decision::kRemove : Decision::kKeep;
  }

  const std::shared_ptr<RetentionState> state_;
};

class ContactFilter final : public RetentionFilter {
 public:
  explicit ContactFilter(std::shared_ptr<RetentionState> state)
      : RetentionFilter(std::move(state)), days_(state_->retention) {}
  const char* Name() const override { return "portrait.contacts"; }

 private:
  // If a clock that ran ahead wrote the record, its time is in the future. It
  // then counts as used today, and is kept as long as any other record from now
  // on.
  Decision Decide(absl::string_view /*key*/, absl::string_view value,
                  std::string* new_value) const override {
    const absl::StatusOr<RecordView> record = RecordView::Read(value);
    if (!record.ok()) return Decision::kKeep;
    const int64_t last_use = KnownLastUse(*record, days_.today);
    if (last_use != 0 || LastUsedDay(*record) == 0) {
      return RemoveIf(IsPast(last_use, days_.first_kept));
    }
    store::v1::ContactRecord changed;
    if (!changed.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
      return Decision::kKeep;
    }
    changed.set_used_day(static_cast<int32_t>(days_.today));
    changed.SerializeToString(new_value);
    return Decision::kChangeValue;
  }

  const Days days_;
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
  Decision Decide(absl::string_view key, absl::string_view /*value*/,
                  std::string* /*new_value*/) const override {
    const std::optional<uint64_t> sequence =
        is_history_ ? SequenceOfHistoryKey(key) : DecodeNumber(key);
    return RemoveIf(sequence.has_value() &&
                    *sequence <= state_->erased_through);
  }

  const bool is_history_;
};

// A mapping is removed together with its contact, which is stored under the
// phone number. If the contact returns, an observation restores the mapping.
class LidFilter final : public RetentionFilter {
 public:
  explicit LidFilter(std::shared_ptr<RetentionState> state)
      : RetentionFilter(std::move(state)), days_(state_->retention) {}
  const char* Name() const override { return "portrait.lids"; }

 private:
  Decision Decide(absl::string_view key, absl::string_view value,
                  std::string* /*new_value*/) const override {
    rocksdb::DB* const db = state_->db;
    if (db == nullptr) return Decision::kKeep;
    const absl::string_view phone = IsLidKey(key) ? value : key;
    rocksdb::PinnableSlice found;
    const rocksdb::Status status = db->Get(
        rocksdb::ReadOptions(), state_->contacts, ToSlice(phone), &found);
    if (!status.ok()) return RemoveIf(status.IsNotFound());
    return RemoveIf(IsExpiredContact(ToView(found), days_));
  }

  const Days days_;
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
