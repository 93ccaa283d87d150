// The metrics for operators, in Prometheus' format.
#ifndef PORTRAIT_SERVER_METRICS_H_
#define PORTRAIT_SERVER_METRICS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/node_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "core/lookup/lookup_results.h"
#include "prometheus/collectable.h"
#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace prometheus {
class Exposer;
}

namespace portrait {

enum class StoreOperation {
  kRead,
  kApply,
  kReadChanges,
  kReadHistory,
  kForget,
};
inline constexpr size_t kStoreOperations = 5;

// Thread-safe.
class Metrics {
 public:
  Metrics();

  // An RPC ended. `method` is "Service/Method" of a method that this server
  // serves.
  void CountRpc(absl::string_view method, absl::StatusCode code)
      ABSL_LOCKS_EXCLUDED(methods_mu_);
  // The duration of a unary call.
  void ObserveRpc(absl::string_view method, absl::Duration took)
      ABSL_LOCKS_EXCLUDED(methods_mu_);
  void ObserveStore(StoreOperation operation, absl::Duration took);
  // Sets how many changes a watcher lags behind, until its Forget.
  void SetWatchLag(const void* watcher, uint64_t changes);
  void ForgetWatcher(const void* watcher);
  // A tenant was paused for enumerating numbers. `sign` is a string literal
  // that names the sign.
  void CountEnumeration(const char* sign);
  // Counts results by outcome and source.
  void CountLookups(const LookupResults& results);

  const std::shared_ptr<prometheus::Registry>& registry() const {
    return registry_;
  }

 private:
  static constexpr size_t kOutcomes =
      v1::ErrorReason_ARRAYSIZE + 1 + v1::PictureState_ARRAYSIZE;
  static constexpr size_t kSources = v1::Source_ARRAYSIZE;

  static constexpr size_t kStatusCodes = 17;  // number of gRPC's codes

  // The registry builds a map of labels for each request. These metrics are
  // used by every call, so they are cached here when they are first used.
  struct OfMethod {
    std::array<std::atomic<prometheus::Counter*>, kStatusCodes> ended = {};
    std::atomic<prometheus::Histogram*> seconds = nullptr;
  };

  OfMethod& Of(absl::string_view method) ABSL_LOCKS_EXCLUDED(methods_mu_);
  prometheus::Counter& LookupCounter(size_t outcome, size_t source);
  void ShowWatchLag(uint64_t before, uint64_t after)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(watchers_mu_);

  const std::shared_ptr<prometheus::Registry> registry_;
  prometheus::Family<prometheus::Counter>& rpcs_;
  prometheus::Family<prometheus::Counter>& lookups_;
  prometheus::Counter& changes_;
  prometheus::Family<prometheus::Counter>& enumerations_;
  prometheus::Family<prometheus::Histogram>& rpc_seconds_;
  std::array<prometheus::Histogram*, kStoreOperations> store_seconds_;
  prometheus::Gauge& watch_lag_;  // the largest lag of any watcher
  // Created when first counted.
  std::array<std::array<std::atomic<prometheus::Counter*>, kSources>, kOutcomes>
      lookup_counters_ = {};

  absl::Mutex methods_mu_;
  absl::node_hash_map<std::string, OfMethod> methods_
      ABSL_GUARDED_BY(methods_mu_);

  absl::Mutex watchers_mu_;
  absl::flat_hash_map<const void*, uint64_t> watchers_
      ABSL_GUARDED_BY(watchers_mu_);
  uint64_t most_watch_lag_ ABSL_GUARDED_BY(watchers_mu_) = 0;
};

// Serves /metrics over HTTP until its destruction.
class MetricsEndpoint {
 public:
  // `address` is HOST:PORT. Serves `metrics`, borrowed, and `gauges`.
  //
  // Errors: UNAVAILABLE if it cannot listen there.
  static absl::StatusOr<std::unique_ptr<MetricsEndpoint>> Open(
      const std::string& address, const Metrics& metrics,
      std::shared_ptr<prometheus::Collectable> gauges);
  ~MetricsEndpoint();

  // The bound HOST:PORT.
  const std::string& address() const { return address_; }

 private:
  MetricsEndpoint(std::shared_ptr<prometheus::Collectable> gauges,
                  std::unique_ptr<prometheus::Exposer> exposer,
                  std::string address);

  // A member, because the exposer holds only a weak pointer.
  const std::shared_ptr<prometheus::Collectable> gauges_;
  const std::unique_ptr<prometheus::Exposer> exposer_;
  const std::string address_;
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_METRICS_H_
