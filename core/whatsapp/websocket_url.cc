#include "core/whatsapp/websocket_url.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"

namespace portrait::whatsapp {
namespace {

constexpr uint16_t kPlainPort = 80;
constexpr uint16_t kTlsPort = 443;

absl::Status Wrong(absl::string_view url, absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("websocket url \"", url, "\": ", what));
}

bool IsVisible(char c) { return absl::ascii_isgraph(c); }

absl::Status ParseAuthority(absl::string_view url, absl::string_view authority,
                            WebSocketUrl& parsed) {
  if (absl::StrContains(authority, '@')) {
    return Wrong(url, "it must not contain a user name");
  }
  absl::StatusOr<HostPort> address =
      ParseHostPort(authority, parsed.tls ? kTlsPort : kPlainPort);
  if (!address.ok()) return Wrong(url, address.status().message());
  parsed.address = *std::move(address);
  return absl::OkStatus();
}

}  // namespace

std::string WebSocketUrl::HostHeader() const {
  std::string header = address.ToString();
  if (address.port != (tls ? kTlsPort : kPlainPort)) return header;
  return header.substr(0, header.rfind(':'));
}

absl::StatusOr<WebSocketUrl> ParseWebSocketUrl(absl::string_view url) {
  if (!std::all_of(url.begin(), url.end(), IsVisible)) {
    return Wrong(absl::CHexEscape(url), "spaces and control characters");
  }
  WebSocketUrl parsed;
  absl::string_view rest = url;
  if (absl::StartsWithIgnoreCase(rest, "wss://")) {
    rest.remove_prefix(6);
  } else if (absl::StartsWithIgnoreCase(rest, "ws://")) {
    rest.remove_prefix(5);
    parsed.tls = false;
  } else {
    return Wrong(url, "it does not start with wss:// or ws://");
  }
  rest = rest.substr(0, rest.find('#'));
  const size_t path = std::min(rest.find_first_of("/?"), rest.size());
  RETURN_IF_ERROR(ParseAuthority(url, rest.substr(0, path), parsed));
  parsed.target = std::string(rest.substr(path));
  if (parsed.target.empty() || parsed.target[0] == '?') {
    parsed.target.insert(0, "/");
  }
  return parsed;
}

}  // namespace portrait::whatsapp
