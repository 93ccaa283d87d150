// A host and a port, as in URLs.
#ifndef PORTRAIT_CORE_WHATSAPP_HOST_PORT_H_
#define PORTRAIT_CORE_WHATSAPP_HOST_PORT_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace portrait::whatsapp {

// A value type.
struct HostPort {
  std::string host;   // a name or an address, IPv6 without its brackets
  uint16_t port = 0;  // never 0 after parsing

  std::string ToString() const;  // "host:port", "[::1]:port"
};

// Parses "host:port", "host", "[::1]:port" or "[::1]"; if `default_port` is 0,
// the text must have a port.
//
// Errors: INVALID_ARGUMENT, which does not repeat the text.
absl::StatusOr<HostPort> ParseHostPort(absl::string_view text,
                                       uint16_t default_port);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_HOST_PORT_H_
