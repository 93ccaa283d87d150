// Relay passes the connections of a port to another server: bytes in both
// directions, which it does not read. A node of a cluster that stands by so
// answers by the active node; TLS is between that node and the client.
#ifndef PORTRAIT_SERVER_RELAY_RELAY_H_
#define PORTRAIT_SERVER_RELAY_RELAY_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/relay/link.h"
#include "server/relay/relay_stats.h"

namespace portrait::relay {

struct RelayOptions {
  // Further connections are closed at once. Each uses two descriptors.
  size_t max_connections = 4096;
  // Data that was read from one side and that the other side does not take yet,
  // in each direction. A side is read again when all of it is written.
  size_t buffer_bytes = 32 << 10;
  absl::Duration connect_timeout = absl::Seconds(3);
  // The time for a new connection to reach the target, or for a target to
  // become known: a takeover. Then the connection is closed.
  absl::Duration target_wait = absl::Seconds(10);
};

// Thread-safe. Held by shared_ptr, because handlers may outlive the owner.
class Relay : public std::enable_shared_from_this<Relay> {
 public:
  // Works on `io`, which a single thread runs.
  static std::shared_ptr<Relay> Make(boost::asio::io_context& io,
                                     RelayOptions options);
  ~Relay();

  // Takes over the descriptor of a connected socket that does not block.
  void Accept(int descriptor);

  // New connections go to `target`, HOST:PORT, from now on. Connections to an
  // earlier target are closed, so that clients connect again; nullopt (no
  // target is known) closes none.
  void SetTarget(std::optional<std::string> target);

  // Closes the connections that have a target. Connections that still wait for
  // one stay open; their descriptors are returned, so that a server of this
  // process can serve them.
  // Afterwards no target is known. Blocks until io's thread has done it.
  std::vector<int> CloseAll();

  RelayStats stats() const;

 private:
  struct Counts {
    std::atomic<uint64_t> open = 0;
    std::atomic<uint64_t> accepted = 0;
    std::atomic<uint64_t> refused = 0;
    std::atomic<uint64_t> unreachable = 0;
    std::atomic<uint64_t> bytes = 0;
  };

  Relay(boost::asio::io_context& io, RelayOptions options);

  // On io's thread.
  void Open(int descriptor);
  void ChangeTarget(const std::optional<std::string>& target);
  std::vector<int> CloseNow();
  void Refuse(int descriptor, const char* why);
  static boost::asio::awaitable<void> Run(std::shared_ptr<Relay> self,
                                          std::shared_ptr<Link> link);
  boost::asio::awaitable<bool> Reach(std::shared_ptr<Link> link);
  boost::asio::awaitable<absl::Status> ConnectTo(std::shared_ptr<Link> link,
                                                 std::string target);
  bool LeadsBack(int descriptor) const;
  void Drop(const std::shared_ptr<Link>& link);

  boost::asio::io_context& io_;
  const RelayOptions options_;
  Counts counts_;

  // Confined to io's thread.
  std::optional<std::string> target_;
  absl::flat_hash_map<std::shared_ptr<Link>, std::string> links_;  // targets
  std::vector<char> scratch_;                                      // see Link
  absl::Time last_warning_ = absl::InfinitePast();
};

}  // namespace portrait::relay

#endif  // PORTRAIT_SERVER_RELAY_RELAY_H_
