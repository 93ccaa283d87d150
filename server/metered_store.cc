#include "server/metered_store.h"

#include "core/base/steady_time.h"

namespace portrait {
namespace {

// Measures the time from its construction to its destruction.
class Timed {
 public:
  Timed(Metrics& metrics, StoreOperation operation)
      : metrics_(metrics), operation_(operation) {}
  ~Timed() { metrics_.ObserveStore(operation_, SteadyNow() - start_); }

  Timed(const Timed&) = delete;
  Timed& operator=(const Timed&) = delete;

 private:
  Metrics& metrics_;
  const StoreOperation operation_;
  const absl::Time start_ = SteadyNow();
};

}  // namespace

absl::Status MeteredStore::Read(absl::Span<const absl::string_view> jids,
                                OnStored on_stored) {
  const Timed timed(metrics_, StoreOperation::kRead);
  return store_.Read(jids, on_stored);
}

absl::Status MeteredStore::Peek(absl::Span<const absl::string_view> jids,
                                OnStored on_stored) {
  const Timed timed(metrics_, StoreOperation::kRead);
  return store_.Peek(jids, on_stored);
}

absl::StatusOr<std::vector<ApplyResult>> MeteredStore::Apply(
    absl::Span<const Observation> observations) {
  const Timed timed(metrics_, StoreOperation::kApply);
  return store_.Apply(observations);
}

absl::StatusOr<std::vector<Change>> MeteredStore::ReadChanges(uint64_t after,
                                                              size_t limit) {
  const Timed timed(metrics_, StoreOperation::kReadChanges);
  return store_.ReadChanges(after, limit);
}

absl::StatusOr<std::vector<Change>> MeteredStore::ReadHistory(
    absl::string_view jid, uint64_t before, size_t limit) {
  const Timed timed(metrics_, StoreOperation::kReadHistory);
  return store_.ReadHistory(jid, before, limit);
}

absl::StatusOr<uint64_t> MeteredStore::Forget(absl::string_view jid,
                                              bool suppress) {
  const Timed timed(metrics_, StoreOperation::kForget);
  return store_.Forget(jid, suppress);
}

absl::Status MeteredStore::Tie(absl::Span<const ContactTie> ties) {
  const Timed timed(metrics_, StoreOperation::kApply);
  return store_.Tie(ties);
}

absl::StatusOr<Untied> MeteredStore::Untie(absl::string_view jid,
                                           uint32_t tenant, bool erase_untied) {
  const Timed timed(metrics_, StoreOperation::kForget);
  return store_.Untie(jid, tenant, erase_untied);
}

}  // namespace portrait
