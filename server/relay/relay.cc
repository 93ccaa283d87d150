#include "server/relay/relay.h"

#include <unistd.h>

#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"
#include "server/listen_address.h"

namespace portrait::relay {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// Between two attempts to reach a target.
constexpr absl::Duration kRetryDelay = absl::Milliseconds(100);
// During an attack, thousands of connections may be refused per second.
constexpr absl::Duration kWarningInterval = absl::Minutes(1);

asio::awaitable<void> Pause(absl::Duration duration) {
  asio::steady_timer timer(co_await asio::this_coro::executor,
                           absl::ToChronoNanoseconds(duration));
  error_code ignored;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

asio::awaitable<absl::StatusOr<tcp::resolver::results_type>> Resolve(
    std::string target) {
  const absl::StatusOr<ListenAddress> parsed = ParseListenAddress(target);
  if (!parsed.ok() || parsed->IsUnix()) {
    co_return absl::UnavailableError(
        absl::StrCat("relay: expected HOST:PORT, not '", target, "'"));
  }
  tcp::resolver resolver(co_await asio::this_coro::executor);
  error_code ec;
  auto found = co_await resolver.async_resolve(
      parsed->host, absl::StrCat(parsed->port),
      asio::redirect_error(asio::use_awaitable, ec));
  if (ec) {
    co_return absl::UnavailableError(absl::StrCat(
        "relay: cannot resolve ", parsed->host, ": ", ec.message()));
  }
  co_return std::move(found);
}

}  // namespace

std::shared_ptr<Relay> Relay::Make(asio::io_context& io, RelayOptions options) {
  return absl::WrapUnique(new Relay(io, std::move(options)));
}

Relay::Relay(asio::io_context& io, RelayOptions options)
    : io_(io), options_(std::move(options)), scratch_(options_.buffer_bytes) {}

Relay::~Relay() = default;

void Relay::Accept(int descriptor) {
  asio::post(
      io_, [self = shared_from_this(), descriptor] { self->Open(descriptor); });
}

void Relay::Open(int descriptor) {
  ++counts_.accepted;
  if (links_.size() >= options_.max_connections) {
    Refuse(descriptor, "too many connections");
  } else if (LeadsBack(descriptor)) {
    Refuse(descriptor,
           "the active node's address leads back to this node; --advertise "
           "sets a node's address");
  } else {
    auto link =
        std::make_shared<Link>(io_, descriptor, scratch_, counts_.bytes);
    links_.emplace(link, "");
    counts_.open = links_.size();
    asio::co_spawn(io_, Run(shared_from_this(), std::move(link)),
                   asio::detached);
  }
}

void Relay::Refuse(int descriptor, const char* why) {
  ++counts_.refused;  // before the client sees the end
  close(descriptor);
  const absl::Time now = absl::Now();
  if (now - last_warning_ < kWarningInterval) return;
  last_warning_ = now;
  LogWarning("relay: {} connections refused so far: {}", counts_.refused.load(),
             why);
}

bool Relay::LeadsBack(int descriptor) const {
  const tcp::endpoint peer = PeerAddress(descriptor);
  if (peer.port() == 0) return false;
  for (const auto& [link, target] : links_) {
    if (link->own_address() == peer) return true;
  }
  return false;
}

asio::awaitable<void> Relay::Run(std::shared_ptr<Relay> self,
                                 std::shared_ptr<Link> link) {
  const bool reached = co_await self->Reach(link);
  if (reached) co_await link->PassBytes();
  self->Drop(link);
}

void Relay::Drop(const std::shared_ptr<Link>& link) {
  link->Close();
  links_.erase(link);
  counts_.open = links_.size();
}

asio::awaitable<bool> Relay::Reach(std::shared_ptr<Link> link) {
  const absl::Time end = absl::Now() + options_.target_wait;
  while (!link->is_closed()) {
    if (target_.has_value()) {
      const std::string target = *target_;
      const absl::Status connected = co_await ConnectTo(link, target);
      if (link->is_closed()) break;
      if (connected.ok() && target_ == target) {
        links_[link] = target;
        co_return true;
      }
    }
    if (absl::Now() >= end) {
      ++counts_.unreachable;
      break;
    }
    co_await Pause(kRetryDelay);
  }
  co_return false;
}

asio::awaitable<absl::Status> Relay::ConnectTo(std::shared_ptr<Link> link,
                                               std::string target) {
  CO_ASSIGN_OR_RETURN(const tcp::resolver::results_type found,
                      co_await Resolve(std::move(target)));
  absl::Status status;
  for (const auto& entry : found) {
    if (link->is_closed()) break;
    status = co_await link->Connect(entry.endpoint(), options_.connect_timeout);
    if (status.ok()) co_return status;
  }
  co_return status;
}

void Relay::SetTarget(std::optional<std::string> target) {
  asio::post(io_, [self = shared_from_this(), target = std::move(target)] {
    self->ChangeTarget(target);
  });
}

void Relay::ChangeTarget(const std::optional<std::string>& target) {
  target_ = target;
  if (!target.has_value()) return;
  for (const auto& [link, reached] : links_) {
    if (link->is_passing() && reached != *target) link->Close();
  }
}

std::vector<int> Relay::CloseAll() {
  std::vector<int> waiting;
  absl::Notification done;
  asio::post(io_, [this, &waiting, &done] {
    waiting = CloseNow();
    done.Notify();
  });
  done.WaitForNotification();
  return waiting;
}

std::vector<int> Relay::CloseNow() {
  std::vector<int> waiting;
  target_ = std::nullopt;
  for (const auto& [link, target] : links_) {
    if (link->is_passing()) {
      link->Close();
    } else if (const int client = link->Release(); client >= 0) {
      waiting.push_back(client);
    }
  }
  return waiting;
}

RelayStats Relay::stats() const {
  RelayStats stats;
  stats.open = counts_.open;
  stats.accepted = counts_.accepted;
  stats.refused = counts_.refused;
  stats.unreachable = counts_.unreachable;
  stats.bytes = counts_.bytes;
  return stats;
}

}  // namespace portrait::relay
