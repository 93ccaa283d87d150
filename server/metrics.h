// What operators watch, in Prometheus' form.
#ifndef PORTRAIT_SERVER_METRICS_H_
#define PORTRAIT_SERVER_METRICS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/lookup/lookup_results.h"
#include "core/session/session_pool.h"
#include "prometheus/counter.h"
#include "prometheus/registry.h"

namespace portrait {

// Thread-safe.
class Metrics {
 public:
  Metrics();

  // An RPC ended. `method` is "Service/Method".
  void CountRpc(absl::string_view method, absl::StatusCode code);
  // A tenant is paused for walking a number range. `sign` is what gave it away,
  // a literal.
  void CountEnumeration(const char* sign);
  // What lookups found, by outcome and source.
  void CountLookups(const LookupResults& results);

  const std::shared_ptr<prometheus::Registry>& registry() const {
    return registry_;
  }

 private:
  static constexpr size_t kOutcomes =
      v1::ErrorReason_ARRAYSIZE + 1 + v1::PictureState_ARRAYSIZE;
  static constexpr size_t kSources = v1::Source_ARRAYSIZE;

  prometheus::Counter& LookupCounter(size_t outcome, size_t source);

  const std::shared_ptr<prometheus::Registry> registry_;
  prometheus::Family<prometheus::Counter>& rpcs_;
  prometheus::Family<prometheus::Counter>& lookups_;
  prometheus::Counter& changes_;
  prometheus::Family<prometheus::Counter>& enumerations_;
  // Made when they first count.
  std::array<std::array<std::atomic<prometheus::Counter*>, kSources>, kOutcomes>
      lookup_counters_ = {};
};

// Serves /metrics over HTTP until it goes.
class MetricsEndpoint {
 public:
  // `address` is HOST:PORT. `metrics` and `sessions` are borrowed.
  //
  // Errors: UNAVAILABLE when it cannot listen there.
  static absl::StatusOr<std::unique_ptr<MetricsEndpoint>> Open(
      const std::string& address, const Metrics& metrics,
      const SessionPool& sessions);
  virtual ~MetricsEndpoint() = default;

  // HOST:PORT as bound.
  virtual std::string address() const = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_METRICS_H_
