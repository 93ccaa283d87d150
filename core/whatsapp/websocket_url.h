// The URL of a WebSocket.
#ifndef PORTRAIT_CORE_WHATSAPP_WEBSOCKET_URL_H_
#define PORTRAIT_CORE_WHATSAPP_WEBSOCKET_URL_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/whatsapp/host_port.h"

namespace portrait::whatsapp {

// A value type.
struct WebSocketUrl {
  bool tls = true;     // wss://
  HostPort address;    // port 443 or 80 if the URL has none
  std::string target;  // path and query, at least "/"

  // The Host header, without the scheme's default port, as browsers write it.
  std::string HostHeader() const;
};

// Errors: INVALID_ARGUMENT, saying what is wrong.
absl::StatusOr<WebSocketUrl> ParseWebSocketUrl(absl::string_view url);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_WEBSOCKET_URL_H_
