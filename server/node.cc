#include "server/node.h"

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"
#include "server/ports.h"
#include "server/rpc_status.h"
#include "server/stop_signals.h"

namespace portrait {
namespace {

// The time between two looks of a standby at the node table.
constexpr absl::Duration kLookInterval = absl::Milliseconds(100);
constexpr absl::Duration kWatchInterval = absl::Milliseconds(100);
// The time for running calls when an operator lets another node take over.
constexpr absl::Duration kHandOverDrain = absl::Seconds(1);
// After handing over, the node may become active again when another one serves,
// or, if none does, after this time.
constexpr absl::Duration kHandOverPause = absl::Seconds(15);

// Disconnects the accounts at the moment when the term is over, also while the
// main thread finishes calls.
class AccountGuard {
 public:
  AccountGuard(Term& term, const cluster::NodeRole& role, uint64_t number)
      : thread_([this, &term, &role, number] {
          while (!done_.HasBeenNotified()) {
            if (!role.AwaitEndOf(number, kWatchInterval)) continue;
            term.DisconnectAccounts();
            return;
          }
        }) {}
  ~AccountGuard() {
    done_.Notify();
    thread_.join();
  }

 private:
  absl::Notification done_;
  std::thread thread_;
};

}  // namespace

Node::Node(boost::asio::io_context& io, const TermParts& parts,
           cluster::ClusterLog* log)
    : parts_([&] {
        TermParts own = parts;
        if (log != nullptr) own.cluster = this;
        return own;
      }()),
      log_(log),
      standby_(io, parts.port, parts.http_port) {
  if (log_ == nullptr) return;
  parts_.gauges.ShowRelay([this] { return standby_.stats(); });
  log_->role().SetListener([this] { Wake(); });
}

Node::~Node() {
  if (log_ == nullptr) return;
  log_->role().SetListener(nullptr);
  parts_.gauges.ShowRelay(nullptr);
}

absl::Status Node::Run(const std::function<absl::Status()>& on_ready) {
  if (log_ != nullptr) {
    const std::string address = Announce(/*is_serving=*/false);
    if (ParseListenAddress(address)->IsLocal()) {
      LogWarning(
          "cluster: nodes on other machines cannot reach {}; --listen "
          "and --advertise set the address",
          address);
    }
  }
  while (true) {
    ASSIGN_OR_RETURN(const bool is_active, StandBy(on_ready));
    if (!is_active) break;
    RETURN_IF_ERROR(ServeTerm(on_ready));
    // Without a cluster, only a stop ends the term.
    if (IsStopped()) break;
  }
  parts_.port->Stop();
  if (parts_.http_port != nullptr) parts_.http_port->Stop();
  standby_.End();
  const absl::Status writes = parts_.stores.maintenance->CheckWrites();
  return absl::IsAborted(writes) ? writes : absl::OkStatus();
}

absl::Status Node::TellReady(const std::function<absl::Status()>& on_ready) {
  if (std::exchange(is_ready_, true)) return absl::OkStatus();
  return on_ready();
}

absl::StatusOr<bool> Node::StandBy(
    const std::function<absl::Status()>& on_ready) {
  if (log_ == nullptr) return true;
  standby_.Begin();
  std::string shown;
  while (!IsStopped()) {
    if (log_->role().IsActive()) {
      standby_.SetActive(std::nullopt);
      return true;
    }
    const absl::Status writes = parts_.stores.maintenance->CheckWrites();
    if (absl::IsAborted(writes)) return writes;
    const std::optional<cluster::ClusterNode> active = log_->nodes().Active();
    standby_.SetActive(active);
    const bool has_other = active.has_value() && !active->is_here &&
                           active->addresses.is_serving && !active->is_gone;
    if (has_other && active->name != shown) {
      shown = active->name;
      LogInfo("cluster: stands by; {} is active at {}", shown,
              active->addresses.grpc);
    }
    if (has_other) RETURN_IF_ERROR(TellReady(on_ready));
    TakePartAgain(has_other);
    Wait(kLookInterval);
  }
  StopSignals::Unblock();
  return false;
}

void Node::TakePartAgain(bool has_other) {
  if (!handed_over_at_.has_value()) return;
  if (!has_other && absl::Now() - *handed_over_at_ < kHandOverPause) return;
  handed_over_at_ = std::nullopt;
  log_->group().TakePart();
}

absl::Status Node::ServeTerm(const std::function<absl::Status()>& on_ready) {
  const uint64_t number = log_ == nullptr ? 1 : log_->role().term();
  if (number == 0) return absl::OkStatus();  // it was active for a moment
  // What is left of an earlier term must not write.
  if (log_ != nullptr) log_->role().Bind(number);
  const absl::Time started = absl::Now();
  absl::StatusOr<std::unique_ptr<Term>> term = Term::Begin(parts_);
  if (!term.ok()) {
    if (IsActive(number)) return term.status();
    LogWarning("cluster: another node became active meanwhile: {}",
               term.status().ToString());
    return absl::OkStatus();
  }
  {
    absl::MutexLock lock(&mu_);
    hands_over_ = false;
    active_since_ = absl::Now();
  }
  std::optional<AccountGuard> guard;
  if (log_ != nullptr) {
    guard.emplace(**term, log_->role(), number);
    standby_.End();
    Announce(/*is_serving=*/true);
    LogInfo("cluster: active, after {}",
            absl::FormatDuration(absl::Now() - started));
  }
  RETURN_IF_ERROR(TellReady(on_ready));
  const End end = AwaitEnd(number);
  EndTerm(**term, end);
  guard.reset();
  term->reset();
  if (log_ == nullptr || end == End::kRoleLost) return absl::OkStatus();
  // Everything is written: what the next node reads is complete.
  const absl::Status left = log_->group().HandOver();
  if (!left.ok()) LogWarning("cluster: handing over: {}", left.ToString());
  handed_over_at_ = absl::Now();
  return absl::OkStatus();
}

void Node::EndTerm(Term& term, End why) {
  if (log_ != nullptr) Announce(/*is_serving=*/false);
  switch (why) {
    case End::kStop:
      // A second signal ends the process.
      StopSignals::Unblock();
      if (parts_.http_port != nullptr) parts_.http_port->Stop();
      term.End(parts_.config.drain_timeout, ShuttingDownStatus());
      // Callers fail at once while accounts are disconnected.
      parts_.port->Stop();
      break;
    case End::kHandOver:
      LogInfo("cluster: lets another node become active");
      term.End(std::min(parts_.config.drain_timeout, kHandOverDrain),
               AnotherNodeStatus());
      break;
    case End::kRoleLost:
      LogWarning("cluster: this node is not active any more");
      term.DisconnectAccounts();
      term.End(absl::ZeroDuration(), AnotherNodeStatus());
      break;
  }
}

Node::End Node::AwaitEnd(uint64_t term) {
  while (true) {
    {
      absl::MutexLock lock(&mu_);
      if (is_stopped_) return End::kStop;
      if (hands_over_) return End::kHandOver;
    }
    if (!IsActive(term)) return End::kRoleLost;
    Wait(absl::InfiniteDuration());
  }
}

std::string Node::Announce(bool is_serving) {
  cluster::NodeAddresses addresses;
  addresses.grpc =
      AdvertisedAddress(parts_.config.advertise, parts_.port->address());
  if (parts_.http_port != nullptr) {
    addresses.http =
        AdvertisedAddress(parts_.config.advertise, parts_.http_port->address());
  }
  addresses.is_serving = is_serving;
  log_->nodes().Announce(addresses);
  return addresses.grpc;
}

bool Node::IsActive(uint64_t term) const {
  return log_ == nullptr || log_->role().term() == term;
}

bool Node::IsStopped() const {
  absl::MutexLock lock(&mu_);
  return is_stopped_;
}

void Node::Wait(absl::Duration timeout) {
  absl::MutexLock lock(&mu_);
  mu_.AwaitWithTimeout(absl::Condition(&is_woken_), timeout);
  is_woken_ = false;
}

void Node::Wake() {
  absl::MutexLock lock(&mu_);
  is_woken_ = true;
}

void Node::Stop() {
  absl::MutexLock lock(&mu_);
  is_stopped_ = true;
  is_woken_ = true;
}

void Node::HandOver() {
  absl::MutexLock lock(&mu_);
  hands_over_ = true;
  is_woken_ = true;
}

std::vector<cluster::ClusterNode> Node::Nodes() const {
  return log_ == nullptr ? std::vector<cluster::ClusterNode>()
                         : log_->nodes().List();
}

absl::Time Node::active_since() const {
  absl::MutexLock lock(&mu_);
  return active_since_;
}

}  // namespace portrait
