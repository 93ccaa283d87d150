// Where a server listens: "HOST:PORT".
#ifndef PORTRAIT_SERVER_LISTEN_ADDRESS_H_
#define PORTRAIT_SERVER_LISTEN_ADDRESS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace portrait {

// A value type.
struct ListenAddress {
  std::string host;  // without the brackets of an IPv6 address
  int port = 0;      // 0: one that is free

  std::string ToString() const;
  // Only this machine can connect to it.
  bool IsLoopback() const;
};

// "127.0.0.1:7700", "[::1]:7700", "localhost:0".
//
// Errors: INVALID_ARGUMENT saying what was expected.
absl::StatusOr<ListenAddress> ParseListenAddress(absl::string_view text);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_LISTEN_ADDRESS_H_
