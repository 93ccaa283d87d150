#include "server/gauges.h"

#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"
#include "prometheus/client_metric.h"
#include "prometheus/metric_family.h"
#include "prometheus/metric_type.h"

namespace portrait {
namespace {

prometheus::MetricFamily MakeGauge(std::string name, std::string help) {
  prometheus::MetricFamily family;
  family.name = std::move(name);
  family.help = std::move(help);
  family.type = prometheus::MetricType::Gauge;
  return family;
}

void Add(double value, const std::string& label, const std::string& label_value,
         prometheus::MetricFamily* family) {
  prometheus::ClientMetric& metric = family->metric.emplace_back();
  if (!label.empty()) metric.label.push_back({label, label_value});
  metric.gauge.value = value;
}

prometheus::MetricFamily MakeOne(std::string name, std::string help,
                                 double value) {
  prometheus::MetricFamily family = MakeGauge(std::move(name), std::move(help));
  Add(value, "", "", &family);
  return family;
}

// "SESSION_STATE_LOGGED_OUT" → "logged_out".
std::string StateName(int state) {
  return absl::AsciiStrToLower(absl::StripPrefix(
      v1::SessionState_Name(static_cast<v1::SessionState>(state)),
      "SESSION_STATE_"));
}

// Returns 0 if /proc has no value.
double ResidentBytes() {
  std::FILE* const file = std::fopen("/proc/self/statm", "re");
  if (file == nullptr) return 0;
  unsigned long size = 0, resident = 0;
  const int read = std::fscanf(file, "%lu %lu", &size, &resident);
  std::fclose(file);
  if (read != 2) return 0;
  return static_cast<double>(resident) *
         static_cast<double>(sysconf(_SC_PAGESIZE));
}

prometheus::MetricFamily MakeCount(std::string name, std::string help,
                                   uint64_t value) {
  prometheus::MetricFamily family = MakeGauge(std::move(name), std::move(help));
  family.type = prometheus::MetricType::Counter;
  family.metric.emplace_back().counter.value = static_cast<double>(value);
  return family;
}

void AddCluster(const cluster::LogStats& stats,
                std::vector<prometheus::MetricFamily>* all) {
  all->push_back(MakeOne("portrait_cluster_partitions",
                         "Partitions of the log, which the node follows",
                         static_cast<double>(stats.partitions)));
  all->push_back(MakeOne("portrait_cluster_owned_partitions",
                         "Partitions that the node may write to",
                         static_cast<double>(stats.owned)));
  all->push_back(MakeOne("portrait_cluster_lag_messages",
                         "Messages of the log that are not applied yet",
                         static_cast<double>(stats.lag)));
  all->push_back(MakeOne("portrait_cluster_catch_up_seconds",
                         "Time the node took to catch up at its start",
                         absl::ToDoubleSeconds(stats.catch_up)));
  all->push_back(MakeCount("portrait_cluster_takeovers_total",
                           "Partitions that the node has taken over",
                           stats.takeovers));
  all->push_back(
      MakeCount("portrait_cluster_fenced_writes_total",
                "Messages of any node that were written late, and ignored",
                stats.fenced_writes));
}

void AddSessions(const std::vector<v1::Session>& listed,
                 std::vector<prometheus::MetricFamily>* all) {
  std::array<int, v1::SessionState_ARRAYSIZE> states = {};
  double in_flight = 0;
  for (const v1::Session& session : listed) {
    if (v1::SessionState_IsValid(session.state())) ++states[session.state()];
    in_flight += session.in_flight();
  }
  auto& sessions = all->emplace_back(
      MakeGauge("portrait_sessions", "Linked WhatsApp accounts by state"));
  for (int state = 1; state < v1::SessionState_ARRAYSIZE; ++state) {
    Add(states[state], "state", StateName(state), &sessions);
  }
  all->push_back(MakeOne("portrait_session_contacts_in_flight",
                         "Contacts that accounts are looking up", in_flight));
}

void AddScheduler(const Scheduler::Depth& depth,
                  std::vector<prometheus::MetricFamily>* all) {
  all->push_back(MakeOne("portrait_scheduler_queued",
                         "Contacts that are queued for an account",
                         static_cast<double>(depth.queued)));
  all->push_back(MakeOne("portrait_scheduler_in_flight",
                         "Contacts that accounts have taken from the queue",
                         static_cast<double>(depth.in_flight)));
  all->push_back(MakeOne("portrait_scheduler_oldest_seconds",
                         "Waiting time of the oldest queued contact",
                         absl::ToDoubleSeconds(depth.oldest)));
}

void AddRelay(const relay::RelayStats& stats,
              std::vector<prometheus::MetricFamily>* all) {
  all->push_back(MakeOne("portrait_relay_connections",
                         "Connections that are relayed to the active node",
                         static_cast<double>(stats.open)));
  all->push_back(MakeCount("portrait_relay_accepted_total",
                           "Connections accepted while the node stood by",
                           stats.accepted));
  all->push_back(MakeCount("portrait_relay_refused_total",
                           "Connections closed at the limit of the relay",
                           stats.refused));
  all->push_back(MakeCount("portrait_relay_unreachable_total",
                           "Connections closed because no active node answered",
                           stats.unreachable));
  all->push_back(MakeCount("portrait_relay_bytes_total",
                           "Bytes relayed, in both directions", stats.bytes));
}

}  // namespace

void Gauges::ShowLookups(const SessionPool* sessions,
                         const Scheduler* scheduler) {
  absl::MutexLock lock(&mu_);
  sessions_ = sessions;
  scheduler_ = scheduler;
}

void Gauges::ShowRelay(std::function<relay::RelayStats()> stats) {
  absl::MutexLock lock(&mu_);
  relay_ = std::move(stats);
}

std::vector<prometheus::MetricFamily> Gauges::Collect() const {
  std::vector<prometheus::MetricFamily> all;
  {
    absl::MutexLock lock(&mu_);
    if (sessions_ != nullptr) AddSessions(sessions_->List(), &all);
    if (scheduler_ != nullptr) AddScheduler(scheduler_->depth(), &all);
    if (relay_) AddRelay(relay_(), &all);
  }
  auto& sizes = all.emplace_back(MakeGauge(
      "portrait_store_bytes", "Size of the store on disk, by column family"));
  for (const FamilySize& size : store_.Sizes()) {
    Add(static_cast<double>(size.bytes), "family", size.family, &sizes);
  }
  all.push_back(MakeOne("portrait_process_resident_bytes", "Memory in use",
                        ResidentBytes()));
  if (log_ != nullptr) {
    all.push_back(MakeOne("portrait_cluster_active",
                          "1 if this node is the active one of its cluster",
                          log_->role().IsActive() ? 1 : 0));
    AddCluster(log_->stats(), &all);
  }
  return all;
}

}  // namespace portrait
