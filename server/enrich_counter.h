// EnrichCounter counts the results of an enrichment stream, and estimates when
// the received items will be done.
#ifndef PORTRAIT_SERVER_ENRICH_COUNTER_H_
#define PORTRAIT_SERVER_ENRICH_COUNTER_H_

#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/time/time.h"
#include "core/access/usage_file.h"
#include "core/lookup/lookup_results.h"
#include "portrait/v1/profile_picture.pb.h"

namespace portrait {

// The usage counts of one result.
UsageCounts UsageOf(const ResultFacts& result);

// Thread-compatible.
class EnrichCounter {
 public:
  // `tick` is the time between two calls of OnTick.
  explicit EnrichCounter(absl::Duration tick) : tick_(tick) {}

  void AddReceived(size_t items) { received_ += items; }
  // Counts a result that is sent with the next message.
  void AddCompleted(const ResultFacts& result);
  void OnTick();

  // Completed results, for the tenant's usage.
  struct Completed {
    UsageCounts usage;
    size_t granted = 0;  // without results over the quota
  };
  // Returns and resets the counts since the last call.
  Completed TakeCompleted() { return std::exchange(taken_next_, {}); }

  // The caller must set `sessions_ready`.
  v1::EnrichProgress ToProto() const;

 private:
  const absl::Duration tick_;
  uint64_t received_ = 0;
  uint64_t completed_ = 0;  // the total of the counts below:
  UsageCounts usage_;
  uint64_t changed_ = 0;
  Completed taken_next_;

  uint64_t completed_at_tick_ = 0;
  double items_per_tick_ = 0;  // moving average; 0: not known yet
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_ENRICH_COUNTER_H_
