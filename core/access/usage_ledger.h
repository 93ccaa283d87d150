// UsageLedger counts the usage of tenants by month (UTC). A counter is in a
// UsageFile, where it survives kill -9, and is copied to the store every
// second, where it survives a power cut and is part of backups. Counters only
// grow, so the larger of two copies is the newer one.
#ifndef PORTRAIT_CORE_ACCESS_USAGE_LEDGER_H_
#define PORTRAIT_CORE_ACCESS_USAGE_LEDGER_H_

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "core/access/usage_file.h"
#include "core/store/key_value_store.h"

namespace portrait {

// A calendar month, UTC. A value type.
struct Month {
  std::string name;  // "2026-11"
  absl::Time begin, end;
};
Month MonthOf(absl::Time time);
// Errors: INVALID_ARGUMENT unless the name looks like "2026-11".
absl::StatusOr<Month> ParseMonth(absl::string_view name);

// The counter of one tenant and month. Only one thread at a time may call Add.
class UsageCounter {
 public:
  void Add(const UsageCounts& more) { slot_->Add(more); }
  UsageCounts Read() const { return slot_->Read(); }

 private:
  friend class UsageLedger;

  UsageSlot* slot_ = nullptr;            // in the file, or `own_slot_`
  std::unique_ptr<UsageSlot> own_slot_;  // used if the file had no room
  UsageCounts stored_;                   // protected by the ledger's lock
};

// Thread-safe.
class UsageLedger {
 public:
  // Takes over the counts that a killed process has left in `file`. Borrows
  // `store`.
  //
  // Errors: those of the store; UNAVAILABLE for the file.
  static absl::StatusOr<std::unique_ptr<UsageLedger>> Open(
      KeyValueStore& store, const std::string& file);
  // Copies the remaining counts to the store.
  ~UsageLedger();

  // Returns the only counter of that tenant and month; reads the store if it is
  // not in memory. Errors: those of the store.
  absl::StatusOr<std::shared_ptr<UsageCounter>> CounterOf(
      absl::string_view tenant, const Month& month);

  // The counts of that tenant and month; NOT_FOUND if nothing was ever counted.
  absl::StatusOr<UsageCounts> Get(absl::string_view tenant, const Month& month);

  // Copies the counts to the store. Errors: those of the store; no count is
  // lost.
  absl::Status Flush();

 private:
  UsageLedger(KeyValueStore& store, std::unique_ptr<UsageFile> file)
      : store_(store), file_(std::move(file)) {}

  absl::Status TakeOver();
  void FlushUntilStopped();

  KeyValueStore& store_;

  absl::Mutex mu_;
  const std::unique_ptr<UsageFile> file_ ABSL_PT_GUARDED_BY(mu_);
  // By key in the store. A counter that no caller holds is dropped after
  // copying.
  absl::flat_hash_map<std::string, std::shared_ptr<UsageCounter>> counters_
      ABSL_GUARDED_BY(mu_);

  absl::Notification stop_;
  std::thread flusher_;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_ACCESS_USAGE_LEDGER_H_
