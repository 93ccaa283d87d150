#include "core/store/retaining_store.h"

#include <string>
#include <vector>

#include "core/base/telemetry.h"
#include "core/store/last_use.h"

namespace portrait {

RetainingStore::RetainingStore(std::unique_ptr<RocksDbPictureStore> store,
                               std::shared_ptr<RetentionState> state)
    : store_(std::move(store)),
      state_(std::move(state)),
      used_([this](const std::vector<std::string>& jids) {
        const absl::Status marked = store_->MarkUsed(jids);
        // The next read marks them again.
        if (!marked.ok()) LogWarning("store: {}", marked.ToString());
      }) {}

absl::Status RetainingStore::Read(absl::Span<const absl::string_view> jids,
                                  OnStored on_stored) {
  std::vector<std::string> used;
  const absl::Status read = ReadKept(jids, on_stored, &used);
  used_.Add(std::move(used));
  return read;
}

absl::Status RetainingStore::Peek(absl::Span<const absl::string_view> jids,
                                  OnStored on_stored) {
  std::vector<std::string> ignored;
  return ReadKept(jids, on_stored, &ignored);
}

absl::Status RetainingStore::ReadKept(absl::Span<const absl::string_view> jids,
                                      OnStored on_stored,
                                      std::vector<std::string>* unmarked) {
  const int64_t today = state_->retention.Today();
  const int64_t first_kept_day = state_->retention.FirstKeptDay();
  // Records past their retention leave the memory cache, too.
  if (cached_since_.exchange(first_kept_day) != first_kept_day) {
    store_->DropCached();
  }
  return store_->Read(jids, [&](size_t index, const StoredView& stored) {
    if (stored.record == nullptr) {
      on_stored(index, stored);
      return;
    }
    const int64_t last_used_day = KnownLastUse(*stored.record, today);
    if (IsPast(last_used_day, first_kept_day)) {
      on_stored(index, StoredView());
      return;
    }
    if (last_used_day < today) {
      unmarked->emplace_back(stored.record->jid());
    }
    on_stored(index, stored);
  });
}

}  // namespace portrait
