#include "client/cli/connection_flags.h"

#include <cstdlib>
#include <fstream>
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

// Where the portraitd of `data_dir` listens; empty when none runs there.
std::string ListeningAddress(const std::string& data_dir) {
  std::ifstream file(absl::StrCat(data_dir, "/portraitd.json"));
  std::stringstream content;
  content << file.rdbuf();
  const auto members = ParseJsonObject(content.str());
  if (!members.ok()) return "";
  for (const JsonMember& member : *members) {
    if (member.key != "listen") continue;
    const std::string listen = JsonText(member.raw);
    // A server that listens everywhere listens here.
    for (const auto& [everywhere, here] :
         {std::pair("0.0.0.0:", "127.0.0.1:"), std::pair("[::]:", "[::1]:")}) {
      if (absl::StartsWith(listen, everywhere)) {
        return absl::StrCat(here, absl::StripPrefix(listen, everywhere));
      }
    }
    return listen;
  }
  return "";
}

}  // namespace

bool IsThisMachine(const std::string& server) {
  return absl::StartsWith(server, "127.") ||
         absl::StartsWith(server, "localhost") ||
         absl::StartsWith(server, "[::1]") || absl::StartsWith(server, "unix:");
}

absl::StatusOr<client::ClientOptions> ResolveConnection(
    const ConnectionFlags& flags) {
  client::ClientOptions options;
  options.tls = flags.tls || !flags.ca.empty();
  options.ca_file = flags.ca;
  const std::string data_dir = DataDir(flags);
  if (!flags.server.empty()) {
    options.server = flags.server;
  } else if (std::string here = ListeningAddress(data_dir); !here.empty()) {
    options.server = std::move(here);
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

std::string PlaintextWarning(const client::ClientOptions& options) {
  if (options.tls || options.token.empty() || IsThisMachine(options.server)) {
    return "";
  }
  return absl::StrCat("the token goes to ", options.server,
                      " unencrypted; --tls or --ca FILE encrypts it");
}

}  // namespace portrait::cli
