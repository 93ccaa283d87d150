#include "server/enrich_counter.h"

#include "core/base/proto_time.h"

namespace portrait {
namespace {

// Weight of the newest tick: a rate settles within some 20 ticks (5 s), long
// enough for the pauses between two usync queries to even out.
constexpr double kNewestTickWeight = 0.1;

}  // namespace

void EnrichCounter::AddCompleted(const ResultFacts& result) {
  ++completed_;
  if (result.changed) ++changed_;
  if (result.failed()) {
    ++failed_;
  } else if (result.source == v1::SOURCE_WHATSAPP) {
    ++from_whatsapp_;
  } else {
    ++from_store_;
  }
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
  progress.set_from_store(from_store_);
  progress.set_from_whatsapp(from_whatsapp_);
  progress.set_failed(failed_);
  progress.set_changed(changed_);
  if (items_per_tick_ > 0) {
    const double remaining = static_cast<double>(received_ - completed_);
    *progress.mutable_estimated_remaining() =
        portrait::ToProto(tick_ * (remaining / items_per_tick_));
  }
  return progress;
}

}  // namespace portrait
