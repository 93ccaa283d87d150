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
  absl::Status Peek(absl::Span<const absl::string_view> jids,
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
  absl::Status Tie(absl::Span<const ContactTie> ties) override;
  absl::StatusOr<Untied> Untie(absl::string_view jid, uint32_t tenant,
                               bool erase_untied) override;
  absl::StatusOr<std::vector<StoredObjection>> ListObjections(
      absl::string_view after, size_t limit) override {
    return store_.ListObjections(after, limit);
  }
  std::string ObjectionIdOf(absl::string_view jid) const override {
    return store_.ObjectionIdOf(jid);
  }
  absl::StatusOr<uint64_t> RemoveObjection(absl::string_view id) override {
    return store_.RemoveObjection(id);
  }
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
