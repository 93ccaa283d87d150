// Parses a server's listen address: "HOST:PORT" or "unix:PATH".
#ifndef PORTRAIT_SERVER_LISTEN_ADDRESS_H_
#define PORTRAIT_SERVER_LISTEN_ADDRESS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace portrait {

// A value type.
struct ListenAddress {
  std::string host;  // without the brackets of an IPv6 address
  int port = 0;      // 0: the system chooses a free port
  // If set, it is a Unix socket, and host and port are unused.
  std::string unix_path;

  std::string ToString() const;
  // Only programs on this machine can connect to it.
  bool IsLocal() const;
  bool IsUnix() const { return !unix_path.empty(); }
};

// Parses "127.0.0.1:7700", "[::1]:7700", "localhost:0",
// "unix:/run/portrait/socket".
//
// Errors: INVALID_ARGUMENT saying what was expected.
absl::StatusOr<ListenAddress> ParseListenAddress(absl::string_view text);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_LISTEN_ADDRESS_H_
