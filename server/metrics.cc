#include "server/metrics.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "prometheus/exposer.h"
#include "prometheus/family.h"
#include "server/listen_address.h"

namespace portrait {
namespace {

// "PICTURE_STATE_NOT_SET" without its prefix, in lower case.
std::string ShortName(absl::string_view enumerator, absl::string_view prefix) {
  return absl::AsciiStrToLower(absl::StripPrefix(enumerator, prefix));
}

constexpr std::array<const char*, kStoreOperations> kStoreOperationNames = {
    "read", "apply", "read_changes", "read_history", "forget"};

// From an immediate answer of the store to the longest wait for WhatsApp.
const prometheus::Histogram::BucketBoundaries kSeconds = {
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
    0.1,    0.25,    0.5,    1,     2.5,    5,     10,   30};

// A connection that sends nothing occupies a thread until the timeout.
constexpr int kMetricsThreads = 8;
constexpr absl::Duration kMetricsTimeout = absl::Seconds(2);

// All outcomes in one sequence: errors by reason, not registered, picture
// states.
constexpr size_t kNotRegistered = v1::ErrorReason_ARRAYSIZE;
constexpr size_t kFirstState = kNotRegistered + 1;

size_t OutcomeIndex(const ResultFacts& result) {
  if (result.failed()) return result.error;
  if (result.registration == v1::REGISTRATION_NOT_REGISTERED) {
    return kNotRegistered;
  }
  return kFirstState + result.state;
}

// "available", "hidden", …; for an error its reason, such as "no_session".
std::string OutcomeName(size_t outcome) {
  if (outcome < kNotRegistered) {
    return ShortName(
        v1::ErrorReason_Name(static_cast<v1::ErrorReason>(outcome)),
        "ERROR_REASON_");
  }
  if (outcome == kNotRegistered) return "not_registered";
  return ShortName(v1::PictureState_Name(
                       static_cast<v1::PictureState>(outcome - kFirstState)),
                   "PICTURE_STATE_");
}

}  // namespace

Metrics::Metrics()
    : registry_(std::make_shared<prometheus::Registry>()),
      rpcs_(prometheus::BuildCounter()
                .Name("portrait_rpcs_total")
                .Help("RPCs ended, by method and status code")
                .Register(*registry_)),
      lookups_(prometheus::BuildCounter()
                   .Name("portrait_lookups_total")
                   .Help("Lookups answered, by outcome and source")
                   .Register(*registry_)),
      changes_(prometheus::BuildCounter()
                   .Name("portrait_lookup_changes_total")
                   .Help("Lookups that found a change")
                   .Register(*registry_)
                   .Add({})),
      enumerations_(prometheus::BuildCounter()
                        .Name("portrait_enumerations_total")
                        .Help("Pauses of tenants that enumerated a number "
                              "range, by detection rule")
                        .Register(*registry_)),
      rpc_seconds_(prometheus::BuildHistogram()
                       .Name("portrait_rpc_seconds")
                       .Help("Duration of unary RPCs, by method")
                       .Register(*registry_)),
      watch_lag_(
          prometheus::BuildGauge()
              .Name("portrait_watch_lag_changes")
              .Help("Changes that the slowest watcher has not received yet")
              .Register(*registry_)
              .Add({})) {
  auto& store = prometheus::BuildHistogram()
                    .Name("portrait_store_seconds")
                    .Help("Duration of store operations")
                    .Register(*registry_);
  for (size_t i = 0; i < kStoreOperations; ++i) {
    store_seconds_[i] =
        &store.Add({{"operation", kStoreOperationNames[i]}}, kSeconds);
  }
}

Metrics::OfMethod& Metrics::Of(absl::string_view method) {
  {
    absl::ReaderMutexLock lock(&methods_mu_);
    const auto known = methods_.find(method);
    if (known != methods_.end()) return known->second;
  }
  absl::MutexLock lock(&methods_mu_);
  return methods_[method];
}

void Metrics::ObserveRpc(absl::string_view method, absl::Duration took) {
  std::atomic<prometheus::Histogram*>& known = Of(method).seconds;
  if (known.load() == nullptr) {
    // If two threads come here at once, the registry returns the same metric to
    // both.
    known = &rpc_seconds_.Add({{"method", std::string(method)}}, kSeconds);
  }
  known.load()->Observe(absl::ToDoubleSeconds(took));
}

void Metrics::ObserveStore(StoreOperation operation, absl::Duration took) {
  store_seconds_[static_cast<size_t>(operation)]->Observe(
      absl::ToDoubleSeconds(took));
}

void Metrics::SetWatchLag(const void* watcher, uint64_t changes) {
  absl::MutexLock lock(&watchers_mu_);
  const uint64_t before = std::exchange(watchers_[watcher], changes);
  ShowWatchLag(before, changes);
}

void Metrics::ForgetWatcher(const void* watcher) {
  absl::MutexLock lock(&watchers_mu_);
  const auto found = watchers_.find(watcher);
  if (found == watchers_.end()) return;
  const uint64_t before = found->second;
  watchers_.erase(found);
  ShowWatchLag(before, 0);
}

// All watchers are read only if the one with the largest lag has caught up.
void Metrics::ShowWatchLag(uint64_t before, uint64_t after) {
  if (after >= most_watch_lag_) {
    most_watch_lag_ = after;
  } else if (before == most_watch_lag_) {
    most_watch_lag_ = 0;
    for (const auto& [watcher, changes] : watchers_) {
      most_watch_lag_ = std::max(most_watch_lag_, changes);
    }
  }
  watch_lag_.Set(static_cast<double>(most_watch_lag_));
}

void Metrics::CountEnumeration(const char* sign) {
  enumerations_.Add({{"sign", sign}}).Increment();
}

void Metrics::CountRpc(absl::string_view method, absl::StatusCode code) {
  const size_t index = static_cast<size_t>(code) < kStatusCodes
                           ? static_cast<size_t>(code)
                           : static_cast<size_t>(absl::StatusCode::kUnknown);
  std::atomic<prometheus::Counter*>& known = Of(method).ended[index];
  if (known.load() == nullptr) {
    known = &rpcs_.Add({{"method", std::string(method)},
                        {"code", absl::StatusCodeToString(code)}});
  }
  known.load()->Increment();
}

void Metrics::CountLookups(const LookupResults& results) {
  // Counts are added up first, because an atomic addition per item is slower.
  std::array<std::array<int, kSources>, kOutcomes> counts = {};
  int changes = 0;
  for (const ResultFacts& result : results.facts()) {
    ++counts[OutcomeIndex(result)][result.source];
    if (result.changed) ++changes;
  }
  for (size_t outcome = 0; outcome < kOutcomes; ++outcome) {
    for (size_t source = 0; source < kSources; ++source) {
      const int count = counts[outcome][source];
      if (count > 0) LookupCounter(outcome, source).Increment(count);
    }
  }
  if (changes > 0) changes_.Increment(changes);
}

prometheus::Counter& Metrics::LookupCounter(size_t outcome, size_t source) {
  std::atomic<prometheus::Counter*>& known = lookup_counters_[outcome][source];
  if (prometheus::Counter* const counter = known.load()) return *counter;
  prometheus::Counter& counter = lookups_.Add(
      {{"outcome", OutcomeName(outcome)},
       {"source", ShortName(v1::Source_Name(static_cast<v1::Source>(source)),
                            "SOURCE_")}});
  known = &counter;
  return counter;
}

absl::StatusOr<std::unique_ptr<MetricsEndpoint>> MetricsEndpoint::Open(
    const std::string& address, const Metrics& metrics,
    std::shared_ptr<prometheus::Collectable> gauges) {
  absl::StatusOr<ListenAddress> parsed = ParseListenAddress(address);
  if (!parsed.ok()) return parsed.status();
  if (parsed->IsUnix()) {
    return absl::InvalidArgumentError(
        "--metrics-listen: expected HOST:PORT, not a Unix socket");
  }
  std::unique_ptr<prometheus::Exposer> exposer;
  try {
    exposer = std::make_unique<prometheus::Exposer>(std::vector<std::string>{
        "listening_ports", parsed->ToString(), "num_threads",
        absl::StrCat(kMetricsThreads), "request_timeout_ms",
        absl::StrCat(absl::ToInt64Milliseconds(kMetricsTimeout)),
        "enable_keep_alive", "no"});
  } catch (const std::exception& e) {
    return absl::UnavailableError(
        absl::StrCat("cannot serve metrics on ", address, ": ", e.what()));
  }
  exposer->RegisterCollectable(metrics.registry());
  exposer->RegisterCollectable(gauges);
  const ListenAddress bound = {parsed->host, exposer->GetListeningPorts().at(0),
                               /*unix_path=*/""};
  return absl::WrapUnique(new MetricsEndpoint(
      std::move(gauges), std::move(exposer), bound.ToString()));
}

MetricsEndpoint::MetricsEndpoint(
    std::shared_ptr<prometheus::Collectable> gauges,
    std::unique_ptr<prometheus::Exposer> exposer, std::string address)
    : gauges_(std::move(gauges)),
      exposer_(std::move(exposer)),
      address_(std::move(address)) {}

MetricsEndpoint::~MetricsEndpoint() = default;

}  // namespace portrait
