#include "server/metrics.h"

#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "prometheus/collectable.h"
#include "prometheus/exposer.h"
#include "prometheus/family.h"
#include "server/listen_address.h"

namespace portrait {
namespace {

// "PICTURE_STATE_NOT_SET" without its prefix, in lower case.
std::string ShortName(absl::string_view enumerator, absl::string_view prefix) {
  return absl::AsciiStrToLower(absl::StripPrefix(enumerator, prefix));
}

// Outcomes in one row: errors by reason, not registered, and picture states.
constexpr size_t kNotRegistered = v1::ErrorReason_ARRAYSIZE;
constexpr size_t kFirstState = kNotRegistered + 1;

size_t OutcomeOf(const ResultFacts& result) {
  if (result.failed()) return result.error;
  if (result.registration == v1::REGISTRATION_NOT_REGISTERED) {
    return kNotRegistered;
  }
  return kFirstState + result.state;
}

// "available", "hidden", …; of an error its reason, "no_session".
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

// Asks the pool whenever somebody asks us.
class SessionsByState : public prometheus::Collectable {
 public:
  explicit SessionsByState(const SessionPool& sessions) : sessions_(sessions) {}

  std::vector<prometheus::MetricFamily> Collect() const override {
    std::array<int, v1::SessionState_ARRAYSIZE> counts = {};
    for (const v1::Session& session : sessions_.List()) {
      if (v1::SessionState_IsValid(session.state())) ++counts[session.state()];
    }
    prometheus::MetricFamily family;
    family.name = "portrait_sessions";
    family.help = "Linked WhatsApp accounts by state";
    family.type = prometheus::MetricType::Gauge;
    for (int state = 1; state < v1::SessionState_ARRAYSIZE; ++state) {
      prometheus::ClientMetric metric;
      metric.label.push_back(
          {"state", ShortName(v1::SessionState_Name(
                                  static_cast<v1::SessionState>(state)),
                              "SESSION_STATE_")});
      metric.gauge.value = counts[state];
      family.metric.push_back(std::move(metric));
    }
    return {std::move(family)};
  }

 private:
  const SessionPool& sessions_;
};

class CivetwebEndpoint : public MetricsEndpoint {
 public:
  CivetwebEndpoint(const ListenAddress& address, const Metrics& metrics,
                   const SessionPool& sessions)
      : sessions_(std::make_shared<SessionsByState>(sessions)),
        exposer_(address.ToString(), /*num_threads=*/1),
        address_(ListenAddress{address.host, exposer_.GetListeningPorts().at(0)}
                     .ToString()) {
    exposer_.RegisterCollectable(metrics.registry());
    exposer_.RegisterCollectable(sessions_);
  }

  std::string address() const override { return address_; }

 private:
  const std::shared_ptr<SessionsByState> sessions_;  // exposer_ holds it weakly
  prometheus::Exposer exposer_;
  const std::string address_;
};

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
                        .Help("Tenants paused for walking a number range, by "
                              "what gave it away")
                        .Register(*registry_)) {}

void Metrics::CountEnumeration(const char* sign) {
  enumerations_.Add({{"sign", sign}}).Increment();
}

void Metrics::CountRpc(absl::string_view method, absl::StatusCode code) {
  rpcs_
      .Add({{"method", std::string(method)},
            {"code", absl::StatusCodeToString(code)}})
      .Increment();
}

void Metrics::CountLookups(const LookupResults& results) {
  // Adding up first keeps atomic counters out of the way of single items.
  std::array<std::array<int, kSources>, kOutcomes> counts = {};
  int changes = 0;
  for (const ResultFacts& result : results.facts()) {
    ++counts[OutcomeOf(result)][result.source];
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
  // The registry gives everyone who asks the same one.
  prometheus::Counter& counter = lookups_.Add(
      {{"outcome", OutcomeName(outcome)},
       {"source", ShortName(v1::Source_Name(static_cast<v1::Source>(source)),
                            "SOURCE_")}});
  known = &counter;
  return counter;
}

absl::StatusOr<std::unique_ptr<MetricsEndpoint>> MetricsEndpoint::Open(
    const std::string& address, const Metrics& metrics,
    const SessionPool& sessions) {
  absl::StatusOr<ListenAddress> parsed = ParseListenAddress(address);
  if (!parsed.ok()) return parsed.status();
  try {
    return std::make_unique<CivetwebEndpoint>(*parsed, metrics, sessions);
  } catch (const std::exception& e) {
    return absl::UnavailableError(
        absl::StrCat("cannot serve metrics on ", address, ": ", e.what()));
  }
}

}  // namespace portrait
