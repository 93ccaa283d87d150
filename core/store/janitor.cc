#include "core/store/janitor.h"

#include <memory>
#include <utility>

#include "absl/time/clock.h"
#include "core/base/future_time.h"
#include "core/base/proto_time.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"
#include "core/store/erasure_marker.h"
#include "core/store/keys.h"
#include "core/store/rocksdb_status.h"
#include "portrait/v1/profile_picture.pb.h"

namespace portrait {
namespace {

constexpr absl::Duration kRoundInterval = absl::Hours(1);
// The interval of attempts to resume writing after a full disk. While health
// checks keep callers away, there are no writes that would find out about free
// space.
constexpr absl::Duration kTryInterval = absl::Seconds(1);
// The first round waits, because a starting server is busy.
constexpr absl::Duration kFirstRoundDelay = absl::Minutes(5);

// The families with personal data.
constexpr Family kPersonal[] = {Family::kContacts, Family::kChanges,
                                Family::kHistory, Family::kLids,
                                Family::kImages};

}  // namespace

Janitor::Janitor(std::shared_ptr<RocksDbDatabase> database)
    : database_(std::move(database)), thread_([this] { Run(); }) {}

Janitor::~Janitor() {
  cancelled_ = true;
  stop_.Notify();
  thread_.join();
}

void Janitor::Run() {
  absl::Time next_round = absl::Now() + kFirstRoundDelay;
  while (!stop_.WaitForNotificationWithTimeout(kTryInterval)) {
    // The database logs when writes stop and when they resume.
    if (!database_->BringBack().ok() || absl::Now() < next_round) continue;
    const absl::Status tidied = Tidy();
    if (!tidied.ok() && !cancelled_) {
      LogWarning("store: deleting expired records failed: {}",
                 tidied.ToString());
    }
    next_round = absl::Now() + kRoundInterval;
  }
}

absl::Status Janitor::Tidy() {
  RETURN_IF_ERROR(DeleteExpiredChanges());
  return ScrubIfDue();
}

absl::Status Janitor::DeleteExpiredChanges() {
  RetentionState& state = *database_->retention_state();
  if (!state.retention.is_limited()) return absl::OkStatus();
  const absl::Time first_kept = state.retention.FirstKeptTime();
  const uint64_t before = state.erased_through;
  uint64_t erased_through = before;
  const std::unique_ptr<rocksdb::Iterator> entry(database_->db().NewIterator(
      rocksdb::ReadOptions(), database_->family(Family::kChanges)));
  // Stops at the first change young enough to keep. An older change with a
  // higher sequence is deleted in a later round. A change whose time is in the
  // future, because a clock ran ahead, does not stop the scan.
  for (entry->Seek(ChangeKey(before + 1)); entry->Valid() && !cancelled_;
       entry->Next()) {
    v1::ProfilePictureChange change;
    const rocksdb::Slice value = entry->value();
    const bool is_read =
        change.ParseFromArray(value.data(), static_cast<int>(value.size()));
    const absl::Time observed_at = FromProto(change.observe_time());
    if (is_read && IsFromTheFuture(observed_at, state.retention.Now()))
      continue;
    if (is_read && observed_at >= first_kept) break;
    erased_through = DecodeNumber(ToView(entry->key())).value_or(0);
  }
  RETURN_IF_ERROR(FromRocksDb(entry->status(), "reading old changes"));
  if (erased_through <= before) return absl::OkStatus();
  rocksdb::WriteBatch batch;
  batch.Put(database_->family(Family::kMeta), kErasedThroughKey,
            EncodeNumber(erased_through));
  RETURN_IF_ERROR(
      database_->Write(batch, StoreSync::kBatch, "deleting old changes"));
  state.erased_through = erased_through;
  LogInfo("store: changes up to {} are past retention", erased_through);
  return absl::OkStatus();
}

absl::Status Janitor::ScrubIfDue() {
  const Retention& retention = database_->retention();
  const absl::Time now = retention.Now();
  ErasureMarker& erasures = database_->erasures();
  const ErasureMarker::Erased erased = erasures.Get();
  const bool goes_on = retention.is_limited();
  if (!erased.since.has_value()) {
    // With limited retention, contacts may expire at any time from now on.
    return goes_on ? erasures.Settle(erased.count, now, goes_on)
                   : absl::OkStatus();
  }
  const bool is_due =
      now - *erased.since >= kScrubDelay || IsFromTheFuture(*erased.since, now);
  if (!is_due) return absl::OkStatus();
  LogInfo("store: removing erased data from the disk");
  RETURN_IF_ERROR(database_->Scrub(kPersonal, &cancelled_));
  return erasures.Settle(erased.count, now, goes_on);
}

}  // namespace portrait
