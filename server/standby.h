// Standby answers at the ports of a node that stands by: it passes connections
// to the active node.
#ifndef PORTRAIT_SERVER_STANDBY_H_
#define PORTRAIT_SERVER_STANDBY_H_

#include <memory>
#include <optional>

#include <boost/asio/io_context.hpp>

#include "core/cluster/node_table.h"
#include "server/connections.h"
#include "server/relay/relay.h"
#include "server/relay/relay_stats.h"

namespace portrait {

// Thread-compatible, except for stats(), which is thread-safe.
class Standby {
 public:
  // A single thread runs `io`. `http_port` may be null.
  Standby(boost::asio::io_context& io, std::shared_ptr<Connections> port,
          std::shared_ptr<Connections> http_port);

  // The ports' connections are relayed from now on.
  void Begin();
  // The node to relay to. Connections to another one are closed; if none is
  // known, connections wait.
  void SetActive(const std::optional<cluster::ClusterNode>& node);
  // Closes what is relayed. Connections that still wait are passed to the
  // server that has the ports now.
  void End();

  relay::RelayStats stats() const;

 private:
  const std::shared_ptr<Connections> port_;
  const std::shared_ptr<Connections> http_port_;
  const std::shared_ptr<relay::Relay> relay_;
  const std::shared_ptr<relay::Relay> http_relay_;
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_STANDBY_H_
