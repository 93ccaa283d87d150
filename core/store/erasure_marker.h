// ErasureMarker knows since when there has been something on the disk that was
// erased, and will say so after a restart as well.
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

// Thread-safe. Part of the database, which outlives it.
class ErasureMarker {
 public:
  explicit ErasureMarker(RocksDbDatabase& database) : database_(database) {}

  absl::Status Load();

  // Adds to the `batch` that erases something that it does.
  void Note(absl::Time now, rocksdb::WriteBatch& batch);

  struct Erased {
    std::optional<absl::Time> since;  // nothing: nothing was erased
    uint64_t count = 0;
  };
  Erased Get() const;

  // What had been erased when Get() gave `count`, at `scrubbed_at`, is off the
  // disk. `goes_on`: more is, all the time, without Note.
  absl::Status Settle(uint64_t count, absl::Time scrubbed_at, bool goes_on);

 private:
  RocksDbDatabase& database_;
  mutable absl::Mutex mu_;  // held while Settle writes
  std::optional<absl::Time> since_ ABSL_GUARDED_BY(mu_);
  uint64_t count_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_ERASURE_MARKER_H_
