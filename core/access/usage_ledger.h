// UsageLedger counts what tenants have used, by month (UTC). A counter lives in
// a UsageFile, where kill -9 loses nothing of it, and is copied to the store
// every second: there a power cut, and a backup, find it. Counters only grow,
// so that of two copies the larger is the newer.
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
// Errors: INVALID_ARGUMENT when it is not one as "2026-11".
absl::StatusOr<Month> ParseMonth(absl::string_view name);

// Of one tenant and month. Add: one thread at a time.
class UsageCounter {
 public:
  void Add(const UsageCounts& more) { slot_->Add(more); }
  UsageCounts Read() const { return slot_->Read(); }

 private:
  friend class UsageLedger;

  UsageSlot* slot_ = nullptr;            // in the file, or `own_slot_`
  std::unique_ptr<UsageSlot> own_slot_;  // where the file had no room
  UsageCounts stored_;                   // belongs to the ledger's lock
};

// Thread-safe.
class UsageLedger {
 public:
  // Takes over what a process that was killed has left in `file`. Borrows
  // `store`.
  //
  // Errors: those of the store; UNAVAILABLE for the file.
  static absl::StatusOr<std::unique_ptr<UsageLedger>> Open(
      KeyValueStore& store, const std::string& file);
  // Copies what is left to be copied.
  ~UsageLedger();

  // The one counter there is for both; reads the store when it is not held
  // already. Errors: those of the store.
  absl::StatusOr<std::shared_ptr<UsageCounter>> CounterOf(
      absl::string_view tenant, const Month& month);

  // What a counter shows, zeros when there was never one; NOT_FOUND says that.
  absl::StatusOr<UsageCounts> Get(absl::string_view tenant, const Month& month);

  // Copies to the store. Errors: those of the store; nothing is lost by them.
  absl::Status Flush();

 private:
  UsageLedger(KeyValueStore& store, std::unique_ptr<UsageFile> file)
      : store_(store), file_(std::move(file)) {}

  absl::Status TakeOver();
  void FlushUntilStopped();

  KeyValueStore& store_;

  absl::Mutex mu_;
  const std::unique_ptr<UsageFile> file_ ABSL_PT_GUARDED_BY(mu_);
  // By key in the store. A counter without another holder goes once copied.
  absl::flat_hash_map<std::string, std::shared_ptr<UsageCounter>> counters_
      ABSL_GUARDED_BY(mu_);

  absl::Notification stop_;
  std::thread flusher_;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_ACCESS_USAGE_LEDGER_H_
