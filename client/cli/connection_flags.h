// The flags of every command for the server's address and the token.
#ifndef PORTRAIT_CLIENT_CLI_CONNECTION_FLAGS_H_
#define PORTRAIT_CLIENT_CLI_CONNECTION_FLAGS_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client/portrait_client.h"

namespace portrait::cli {

struct ConnectionFlags {
  std::string server = "";      // empty: from the data folder, else the default
  std::string token = "";       // empty: read from a file
  std::string token_file = "";  // empty: admin.token in the data folder
  bool tls = false;
  std::string ca = "";
  // The caller's own certificate and its key, for servers that want one.
  std::string cert = "";
  std::string key = "";
  // Send the token unencrypted to another machine.
  bool plaintext_token = false;
  std::string data_dir = "";  // empty: ~/.portrait
};

// Returns the options for a client. A portraitd on this machine writes its
// address, whether it speaks TLS, and with which certificate (portraitd.json),
// and its first token (admin.token) to its data folder. That token is sent to
// another machine only if the user named the folder.
//
// Errors: INVALID_ARGUMENT, NOT_FOUND, PERMISSION_DENIED: the token file cannot
// be read; FAILED_PRECONDITION: the token would be sent unencrypted to another
// machine.
absl::StatusOr<client::ClientOptions> ResolveConnection(
    const ConnectionFlags& flags);

// "127.0.0.1:7700", "[::1]:1", "unix:…", and names whose addresses are all
// loopback, such as "localhost". Resolves names.
bool IsThisMachine(const std::string& server);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_CONNECTION_FLAGS_H_
