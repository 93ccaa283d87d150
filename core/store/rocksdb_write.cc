// Writes to the database, and resumes writes after the disk was full.
//
// RocksDB takes no more writes after it could not log one. DB::Resume() flushes
// the memtables, starts a new log and admits writes again. RocksDB 7.8 also
// does so on its own, but both start the new log only if there is data to
// flush. Otherwise, the next write goes to the failed log, which is an
// assertion failure in Debian's build and ends the process. Therefore we resume
// ourselves, when there is room, and make sure that there is data to flush.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"
#include "core/store/rocksdb_database.h"
#include "core/store/rocksdb_status.h"
#include "rocksdb/write_batch.h"

namespace portrait {
namespace {

// The free space from which resuming is tried; each attempt writes the
// memtables to the disk.
constexpr uint64_t kRoomToGoOnBytes = 4 * 1024 * 1024;

// The time between attempts to resume, which doubles with each that fails. A
// disk may report room although a quota is used up, and RocksDB 7.8 leaks a
// memtable (some 300 KB) in each attempt that cannot start a new log.
constexpr absl::Duration kFirstResumeDelay = absl::Milliseconds(100);
constexpr absl::Duration kMostResumeDelay = absl::Seconds(30);

constexpr char kMarkerKey[] = "keeps the memtable filled";

// Records when RocksDB stops accepting writes, and disables RocksDB's own
// recovery in that case. RocksDB may recover by itself from the error of a
// compaction, which does not stop writes.
class ErrorListener final : public rocksdb::EventListener {
 public:
  explicit ErrorListener(std::shared_ptr<std::atomic<bool>> has_failed)
      : has_failed_(std::move(has_failed)) {}

  void OnBackgroundError(rocksdb::BackgroundErrorReason,
                         rocksdb::Status* error) override {
    if (error->severity() < rocksdb::Status::kHardError) return;
    // Logged once, not for each write while the disk is full.
    if (!has_failed_->exchange(true)) {
      LogError("store: writes fail: {}", error->ToString());
    }
  }
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason reason,
                            rocksdb::Status, bool* auto_recovery) override {
    *auto_recovery = reason == rocksdb::BackgroundErrorReason::kCompaction;
  }

 private:
  const std::shared_ptr<std::atomic<bool>> has_failed_;
};

}  // namespace

std::shared_ptr<rocksdb::EventListener> RocksDbDatabase::NewErrorListener(
    std::shared_ptr<std::atomic<bool>> has_failed) {
  return std::make_shared<ErrorListener>(std::move(has_failed));
}

absl::Status RocksDbDatabase::Write(rocksdb::WriteBatch& batch, StoreSync sync,
                                    absl::string_view what) {
  RETURN_IF_ERROR(BringBack());
  RETURN_IF_ERROR(KeepMemtableFilled());
  rocksdb::WriteOptions options;
  options.sync = sync == StoreSync::kBatch;
  return FromRocksDb(db_->Write(options, &batch), what);
}

// Returns OK, too, if the free space is unknown.
absl::Status RocksDbDatabase::CheckRoom(uint64_t bytes,
                                        absl::string_view what) {
  uint64_t free_bytes = 0;
  const rocksdb::Status asked =
      db_->GetEnv()->GetFreeSpace(folder_, &free_bytes);
  if (!asked.ok() || free_bytes >= bytes) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat(
      "disk full: ", what, ": ", free_bytes, " bytes are free for the store ",
      folder_, "; it needs ", bytes));
}

absl::Status RocksDbDatabase::CheckWrites() const {
  if (is_lost_) {
    return absl::AbortedError(
        absl::StrCat("the store ", folder_,
                     " cannot accept writes without a restart; a restart "
                     "continues with the data on the disk"));
  }
  if (!*has_failed_) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("the store ", folder_, " accepts no writes: disk full"));
}

absl::Status RocksDbDatabase::BringBack() {
  if (!*has_failed_) return absl::OkStatus();
  absl::MutexLock lock(&bring_back_mu_);
  if (!*has_failed_) return absl::OkStatus();
  uint64_t free_bytes = 0;
  const rocksdb::Status asked =
      db_->GetEnv()->GetFreeSpace(folder_, &free_bytes);
  if (asked.ok() && free_bytes < kRoomToGoOnBytes) {
    return absl::UnavailableError(absl::StrCat(
        "disk full: ", free_bytes, " bytes are free for the store ", folder_,
        "; to accept writes again it needs ", kRoomToGoOnBytes));
  }
  const absl::Time now = absl::Now();
  if (now < next_resume_) {
    return absl::UnavailableError(absl::StrCat(
        "disk full: the store ", folder_, " tries to accept writes again in ",
        absl::FormatDuration(next_resume_ - now)));
  }
  const rocksdb::Status resumed = db_->Resume();
  resume_delay_ =
      std::clamp(2 * resume_delay_, kFirstResumeDelay, kMostResumeDelay);
  next_resume_ = absl::Now() + resume_delay_;
  if (resumed.severity() >= rocksdb::Status::kFatalError) {
    is_lost_ = true;
    return absl::UnavailableError(
        absl::StrCat("the store ", folder_,
                     " cannot accept writes; restart the server to continue "
                     "with the data on the disk: ",
                     resumed.ToString()));
  }
  RETURN_IF_ERROR(FromRocksDb(resumed, "resuming writes"));
  resume_delay_ = absl::ZeroDuration();
  next_resume_ = absl::InfinitePast();
  *has_failed_ = false;
  LogInfo("store: writes are accepted again");
  return absl::OkStatus();
}

// Writes an entry to the memtable, so that Resume() has data to flush. Later
// writes serve that purpose until the next flush.
absl::Status RocksDbDatabase::KeepMemtableFilled() {
  uint64_t entries = 0;
  if (db_->GetIntProperty(family(Family::kMeta),
                          rocksdb::DB::Properties::kNumEntriesActiveMemTable,
                          &entries) &&
      entries > 0) {
    return absl::OkStatus();
  }
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  return FromRocksDb(
      db_->Put(options, family(Family::kMeta), kMarkerKey, rocksdb::Slice()),
      "preparing to write");
}

}  // namespace portrait
