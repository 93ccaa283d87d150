// A proxy through which WhatsApp is reached.
#ifndef PORTRAIT_CORE_WHATSAPP_PROXY_H_
#define PORTRAIT_CORE_WHATSAPP_PROXY_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/whatsapp/host_port.h"

namespace portrait::whatsapp {

// A value type. Secret: never logged but by ToString().
struct Proxy {
  enum class Kind {
    kNone,         // WhatsApp is dialled directly
    kHttpConnect,  // RFC 9110, CONNECT; Basic authentication
    kSocks5,       // RFC 1928, 1929; the proxy looks names up
  };
  Kind kind = Kind::kNone;
  HostPort address;
  std::string user, password;  // both empty: none

  // "socks5://host:port": without the credentials. "" for kNone.
  std::string ToString() const;
};

// Reads http://[USER:PASSWORD@]HOST:PORT or socks5://…; what is special in a
// user name or a password is written %XX. "direct" and "": kNone.
//
// Errors: INVALID_ARGUMENT, saying what is wrong; it repeats nothing of a URL
// that may hold a password.
absl::StatusOr<Proxy> ParseProxy(absl::string_view url);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_PROXY_H_
