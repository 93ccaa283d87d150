#include "server/standby.h"

#include <string>
#include <utility>

namespace portrait {
namespace {

void PassTo(Connections* port, const std::shared_ptr<relay::Relay>& relay) {
  if (port == nullptr) return;
  port->PassTo([relay](int descriptor) { relay->Accept(descriptor); });
}

void PassWaiting(relay::Relay& relay, Connections* port) {
  if (port == nullptr) return;
  for (const int descriptor : relay.CloseAll()) port->Pass(descriptor);
}

std::optional<std::string> TargetAt(const std::string& address) {
  if (address.empty()) return std::nullopt;
  return address;
}

}  // namespace

Standby::Standby(boost::asio::io_context& io, std::shared_ptr<Connections> port,
                 std::shared_ptr<Connections> http_port)
    : port_(std::move(port)),
      http_port_(std::move(http_port)),
      relay_(relay::Relay::Make(io, relay::RelayOptions())),
      http_relay_(relay::Relay::Make(io, relay::RelayOptions())) {}

void Standby::Begin() {
  PassTo(port_.get(), relay_);
  PassTo(http_port_.get(), http_relay_);
}

void Standby::SetActive(const std::optional<cluster::ClusterNode>& node) {
  // A node that is not serving is about to, or does not know yet that another
  // one is active.
  if (!node.has_value() || node->is_here || !node->addresses.is_serving) {
    relay_->SetTarget(std::nullopt);
    http_relay_->SetTarget(std::nullopt);
    return;
  }
  relay_->SetTarget(TargetAt(node->addresses.grpc));
  http_relay_->SetTarget(TargetAt(node->addresses.http));
}

void Standby::End() {
  PassWaiting(*relay_, port_.get());
  PassWaiting(*http_relay_, http_port_.get());
}

relay::RelayStats Standby::stats() const {
  relay::RelayStats stats = relay_->stats();
  stats.Add(http_relay_->stats());
  return stats;
}

}  // namespace portrait
