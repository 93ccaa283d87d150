// Which server, and as whom: the flags that every command has.
#ifndef PORTRAIT_CLIENT_CLI_CONNECTION_FLAGS_H_
#define PORTRAIT_CLIENT_CLI_CONNECTION_FLAGS_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client/portrait_client.h"

namespace portrait::cli {

struct ConnectionFlags {
  std::string server = "";      // empty: the one of the data folder, else ours
  std::string token = "";       // empty: from a file
  std::string token_file = "";  // empty: admin.token in the data folder
  bool tls = false;
  std::string ca = "";
  // Send the token unencrypted to another machine.
  bool plaintext_token = false;
  std::string data_dir = "";  // empty: ~/.portrait
};

// The options for a client. A portraitd on this machine notes in its data
// folder where it listens (portraitd.json) and the token it made at its first
// start (admin.token); that token goes to no other machine unless the folder
// was named.
//
// Errors: INVALID_ARGUMENT, NOT_FOUND, PERMISSION_DENIED: a token file that was
// named or is there cannot be read; FAILED_PRECONDITION: the token would go
// unencrypted to another machine.
absl::StatusOr<client::ClientOptions> ResolveConnection(
    const ConnectionFlags& flags);

// "127.0.0.1:7700", "[::1]:1", "unix:…", and names of which every address is
// loopback, such as "localhost". Resolves names.
bool IsThisMachine(const std::string& server);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_CONNECTION_FLAGS_H_
