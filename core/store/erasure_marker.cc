#include "core/store/erasure_marker.h"

#include <string>

#include "core/base/status_macros.h"
#include "core/store/keys.h"
#include "core/store/rocksdb_database.h"

namespace portrait {
namespace {

constexpr char kErasedSinceKey[] = "erased_since";  // microseconds, 8 bytes

std::string Encode(absl::Time time) {
  return EncodeNumber(static_cast<uint64_t>(absl::ToUnixMicros(time)));
}

}  // namespace

absl::Status ErasureMarker::Load() {
  ASSIGN_OR_RETURN(const std::optional<std::string> stored,
                   database_.Read(Family::kMeta, kErasedSinceKey));
  const std::optional<uint64_t> micros = DecodeNumber(stored.value_or(""));
  absl::MutexLock lock(&mu_);
  if (micros.has_value()) {
    since_ = absl::FromUnixMicros(static_cast<int64_t>(*micros));
  }
  return absl::OkStatus();
}

void ErasureMarker::Note(absl::Time now, rocksdb::WriteBatch& batch) {
  absl::MutexLock lock(&mu_);
  ++count_;
  // The mark is written again even if it exists, because Settle may remove it
  // before `batch` is written.
  if (!since_.has_value()) since_ = now;
  batch.Put(database_.family(Family::kMeta), kErasedSinceKey, Encode(*since_));
}

ErasureMarker::Erased ErasureMarker::Get() const {
  absl::MutexLock lock(&mu_);
  return {since_, count_};
}

absl::Status ErasureMarker::Settle(uint64_t count, absl::Time scrubbed_at,
                                   bool goes_on) {
  absl::MutexLock lock(&mu_);
  rocksdb::WriteBatch batch;
  if (goes_on || count_ != count) {
    since_ = scrubbed_at;
    batch.Put(database_.family(Family::kMeta), kErasedSinceKey,
              Encode(*since_));
  } else {
    since_.reset();
    batch.Delete(database_.family(Family::kMeta), kErasedSinceKey);
  }
  return database_.Write(batch, StoreSync::kBatch, "recording an erasure");
}

}  // namespace portrait
