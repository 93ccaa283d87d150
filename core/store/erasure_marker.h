// ErasureMarker stores the time since which erased data has been in the disk's
// files, so that the scrub still happens after a restart.
#ifndef PORTRAIT_CORE_STORE_ERASURE_MARKER_H_
#define PORTRAIT_CORE_STORE_ERASURE_MARKER_H_

#include <cstdint>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "rocksdb/write_batch.h"

namespace portrait {

class RocksDbDatabase;

// Thread-safe. A part of the database, which outlives it.
class ErasureMarker {
 public:
  explicit ErasureMarker(RocksDbDatabase& database) : database_(database) {}

  absl::Status Load();

  // Adds the mark to a `batch` that erases data.
  void Note(absl::Time now, rocksdb::WriteBatch& batch);

  struct Erased {
    std::optional<absl::Time> since;  // nullopt: the disk has no erased data
    uint64_t count = 0;
  };
  Erased Get() const;

  // A scrub at `scrubbed_at` has removed all data that was erased before
  // Get() returned `count`. If `goes_on`, retention erases more data without a
  // call of Note, so the mark moves to `scrubbed_at` and is not removed.
  absl::Status Settle(uint64_t count, absl::Time scrubbed_at, bool goes_on);

 private:
  RocksDbDatabase& database_;
  mutable absl::Mutex mu_;  // also held while Settle writes
  std::optional<absl::Time> since_ ABSL_GUARDED_BY(mu_);
  uint64_t count_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_ERASURE_MARKER_H_
