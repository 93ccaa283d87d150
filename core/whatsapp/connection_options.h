// How to reach WhatsApp, and the times and limits of a connection.
#ifndef PORTRAIT_CORE_WHATSAPP_CONNECTION_OPTIONS_H_
#define PORTRAIT_CORE_WHATSAPP_CONNECTION_OPTIONS_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "core/base/clock.h"
#include "core/whatsapp/certificate.h"
#include "core/whatsapp/client_payload.h"
#include "core/whatsapp/transport.h"

namespace portrait::whatsapp {

// Equal for all connections of a process.
struct ConnectionOptions {
  WebSocketOptions websocket;
  std::string root_public_key = WhatsAppRootPublicKey();
  ClientVersion version;
  // The appearance of new devices; nullopt: each device draws its own.
  std::optional<DeviceAppearance> appearance;
  // Whether logins use the server's key of an earlier login, which saves a
  // round trip; see noise.h.
  bool resume = true;
  absl::Duration handshake_timeout = absl::Seconds(20);
  absl::Duration request_timeout = absl::Seconds(30);
  // The time without traffic after which a ping is sent (times 1 to 2, at
  // random).
  absl::Duration keepalive_interval = absl::Seconds(15);
  // If something was sent and nothing received for this time, the connection is
  // dead.
  absl::Duration dead_after = absl::Seconds(20);
  size_t max_pending_requests = 1024;
  // How long a code for typing into a phone is valid; after that the server
  // closes an unlinked connection …
  absl::Duration pairing_code_life = absl::Seconds(180);
  // … and how long a phone may take to confirm it. Both are WhatsApp Web's
  // values.
  absl::Duration pairing_confirm_timeout = absl::Seconds(60);
  Clock clock = SystemClock();
};

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_CONNECTION_OPTIONS_H_
