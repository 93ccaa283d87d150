#include "client/cli/connection_flags.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/cli/json.h"

namespace portrait::cli {
namespace {

std::string DataDir(const ConnectionFlags& flags) {
  if (!flags.data_dir.empty()) return flags.data_dir;
  const char* home = std::getenv("HOME");
  return absl::StrCat(home == nullptr ? "" : home, "/.portrait");
}

// The content of the ready file that a portraitd on this machine writes to its
// data folder.
struct LocalServer {
  std::string address;  // empty: none is running
  bool tls = false;
  std::string certificate;  // a file
};

// A server that listens on all addresses is reached over loopback.
std::string Reachable(const std::string& listen) {
  for (const auto& [everywhere, here] :
       {std::pair("0.0.0.0:", "127.0.0.1:"), std::pair("[::]:", "[::1]:")}) {
    if (absl::StartsWith(listen, everywhere)) {
      return absl::StrCat(here, absl::StripPrefix(listen, everywhere));
    }
  }
  return listen;
}

LocalServer FindLocalServer(const std::string& data_dir) {
  std::ifstream file(absl::StrCat(data_dir, "/portraitd.json"));
  std::stringstream content;
  content << file.rdbuf();
  LocalServer server;
  const auto members = ParseJsonObject(content.str());
  if (!members.ok()) return server;
  for (const JsonMember& member : *members) {
    if (member.key == "listen") {
      server.address = Reachable(JsonText(member.raw));
    } else if (member.key == "tls") {
      server.tls = member.raw == "true";
    } else if (member.key == "certificate") {
      server.certificate = JsonText(member.raw);
    }
  }
  return server;
}

// "[::1]:7700" → "::1", "localhost:7700" → "localhost".
std::string HostOf(absl::string_view server) {
  if (absl::ConsumePrefix(&server, "[")) {
    return std::string(server.substr(0, server.find(']')));
  }
  return std::string(server.substr(0, server.find(':')));
}

bool IsLoopback(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    return ntohl(v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
  }
  if (address.sa_family != AF_INET6) return false;
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
  return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
}

absl::StatusOr<client::ClientOptions> FindServerAndToken(
    const ConnectionFlags& flags) {
  client::ClientOptions options;
  options.tls = flags.tls || !flags.ca.empty() || !flags.cert.empty();
  options.ca_file = flags.ca;
  options.cert_file = flags.cert;
  options.key_file = flags.key;
  const std::string data_dir = DataDir(flags);
  if (!flags.server.empty()) {
    options.server = flags.server;
  } else if (LocalServer here = FindLocalServer(data_dir);
             !here.address.empty()) {
    options.server = std::move(here.address);
    // Its certificate names the address by which others know it, and may be
    // signed by an authority that this machine does not trust.
    if (here.tls && flags.ca.empty()) {
      options.server_certificate_file = std::move(here.certificate);
    }
    options.tls = options.tls || here.tls;
  }

  if (!flags.token.empty()) {
    options.token = flags.token;
    return options;
  }
  std::string file = flags.token_file;
  if (file.empty()) {
    const bool belongs = flags.server.empty() || !flags.data_dir.empty() ||
                         IsThisMachine(options.server);
    if (!belongs) return options;
    file = absl::StrCat(data_dir, "/admin.token");
  }
  absl::StatusOr<std::string> token = client::ReadTokenFile(file);
  if (token.ok()) {
    options.token = *std::move(token);
  } else if (!flags.token_file.empty() || !absl::IsNotFound(token.status())) {
    return token.status();
  }
  return options;
}

}  // namespace

bool IsThisMachine(const std::string& server) {
  if (absl::StartsWith(server, "unix:")) return true;
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(HostOf(server).c_str(), nullptr, &hints, &found) != 0) {
    return false;
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(
      found, &freeaddrinfo);
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    if (!IsLoopback(*each->ai_addr)) return false;
  }
  return true;
}

absl::StatusOr<client::ClientOptions> ResolveConnection(
    const ConnectionFlags& flags) {
  absl::StatusOr<client::ClientOptions> options = FindServerAndToken(flags);
  if (!options.ok() || options->tls || options->token.empty() ||
      flags.plaintext_token || IsThisMachine(options->server)) {
    return options;
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "the token would be sent to ", options->server,
      " unencrypted. Encrypt the connection with --tls or --ca FILE, or use "
      "--plaintext-token if something else encrypts it"));
}

}  // namespace portrait::cli
