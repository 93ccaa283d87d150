// MeteredStore is a PictureStore that reports the duration of each call.
#ifndef PORTRAIT_SERVER_METERED_STORE_H_
#define PORTRAIT_SERVER_METERED_STORE_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/store/picture_store.h"
#include "server/metrics.h"

namespace portrait {

// Thread-safe. Borrows both arguments.
class MeteredStore : public PictureStore {
 public:
  MeteredStore(PictureStore& store, Metrics& metrics)
      : store_(store), metrics_(metrics) {}

  absl::Status Read(absl::Span<const absl::string_view> jids,
                    OnStored on_stored) override;
  absl::StatusOr<std::vector<ApplyResult>> Apply(
      absl::Span<const Observation> observations) override;
  absl::StatusOr<std::vector<Change>> ReadChanges(uint64_t after,
                                                  size_t limit) override;
  absl::StatusOr<std::vector<Change>> ReadHistory(absl::string_view jid,
                                                  uint64_t before,
                                                  size_t limit) override;
  absl::StatusOr<uint64_t> Forget(absl::string_view jid,
                                  bool suppress) override;
  uint64_t last_sequence() const override { return store_.last_sequence(); }
  uint64_t forget_count() const override { return store_.forget_count(); }
  void SetChangeListener(std::function<void()> listener) override {
    store_.SetChangeListener(std::move(listener));
  }
  std::vector<FamilySize> Sizes() const override { return store_.Sizes(); }

 private:
  PictureStore& store_;
  Metrics& metrics_;
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_METERED_STORE_H_
