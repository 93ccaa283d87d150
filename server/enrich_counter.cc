#include "server/enrich_counter.h"

#include "core/base/proto_time.h"

namespace portrait {
namespace {

// The weight of the newest tick. A rate settles within about 20 ticks (5 s),
// which evens out the pauses between usync queries.
constexpr double kNewestTickWeight = 0.1;

// A longer time is not shown as an estimate.
constexpr absl::Duration kMaxEstimate = absl::Hours(24 * 365);

}  // namespace

UsageCounts UsageOf(const ResultFacts& result) {
  UsageCounts usage;
  if (result.failed()) {
    usage.failed = 1;
  } else if (result.source == v1::SOURCE_WHATSAPP) {
    usage.from_whatsapp = 1;
  } else {
    usage.from_store = 1;
  }
  return usage;
}

void EnrichCounter::AddCompleted(const ResultFacts& result) {
  const UsageCounts usage = UsageOf(result);
  ++completed_;
  if (result.changed) ++changed_;
  usage_ += usage;
  taken_next_.usage += usage;
  if (result.error != v1::ERROR_REASON_QUOTA_EXCEEDED) ++taken_next_.granted;
}

void EnrichCounter::OnTick() {
  const double newest = static_cast<double>(completed_ - completed_at_tick_);
  completed_at_tick_ = completed_;
  items_per_tick_ = items_per_tick_ == 0
                        ? newest
                        : items_per_tick_ * (1 - kNewestTickWeight) +
                              newest * kNewestTickWeight;
}

v1::EnrichProgress EnrichCounter::ToProto() const {
  v1::EnrichProgress progress;
  progress.set_received(received_);
  progress.set_completed(completed_);
  progress.set_from_store(usage_.from_store);
  progress.set_from_whatsapp(usage_.from_whatsapp);
  progress.set_failed(usage_.failed);
  progress.set_changed(changed_);
  if (items_per_tick_ > 0) {
    const double remaining = static_cast<double>(received_ - completed_);
    const absl::Duration estimate = tick_ * (remaining / items_per_tick_);
    // If the stream stalls, the rate approaches zero and there is no estimate.
    if (estimate <= kMaxEstimate) {
      *progress.mutable_estimated_remaining() = portrait::ToProto(estimate);
    }
  }
  return progress;
}

}  // namespace portrait
