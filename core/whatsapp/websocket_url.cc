#include "core/whatsapp/websocket_url.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
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

// The decimal port after the colon.
absl::StatusOr<uint16_t> ParsePort(absl::string_view url,
                                   absl::string_view text) {
  uint32_t port = 0;
  if (!std::all_of(text.begin(), text.end(), absl::ascii_isdigit) ||
      !absl::SimpleAtoi(text, &port) || port == 0 || port > 65535) {
    return Wrong(url, "the port is not a number from 1 to 65535");
  }
  return static_cast<uint16_t>(port);
}

// "host", "host:port", "[::1]" or "[::1]:port".
absl::Status ParseAuthority(absl::string_view url, absl::string_view authority,
                            WebSocketUrl& parsed) {
  if (absl::StrContains(authority, '@')) {
    return Wrong(url, "user names do not belong into it");
  }
  absl::string_view rest;
  if (absl::ConsumePrefix(&authority, "[")) {
    const size_t end = authority.find(']');
    if (end == absl::string_view::npos) return Wrong(url, "missing ]");
    parsed.host = std::string(authority.substr(0, end));
    rest = authority.substr(end + 1);
  } else {
    const size_t end = std::min(authority.find(':'), authority.size());
    parsed.host = std::string(authority.substr(0, end));
    rest = authority.substr(end);
  }
  if (parsed.host.empty()) return Wrong(url, "it names no host");
  parsed.port = parsed.tls ? kTlsPort : kPlainPort;
  if (rest.empty()) return absl::OkStatus();
  if (!absl::ConsumePrefix(&rest, ":")) return Wrong(url, "text after ]");
  ASSIGN_OR_RETURN(parsed.port, ParsePort(url, rest));
  return absl::OkStatus();
}

}  // namespace

std::string WebSocketUrl::HostHeader() const {
  const std::string name =
      absl::StrContains(host, ':') ? absl::StrCat("[", host, "]") : host;
  if (port == (tls ? kTlsPort : kPlainPort)) return name;
  return absl::StrCat(name, ":", port);
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
