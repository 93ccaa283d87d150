// A proxy for connections to WhatsApp.
#ifndef PORTRAIT_CORE_WHATSAPP_PROXY_H_
#define PORTRAIT_CORE_WHATSAPP_PROXY_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/whatsapp/host_port.h"

namespace portrait::whatsapp {

// A value type. Secret: log only ToString().
struct Proxy {
  enum class Kind {
    kNone,         // direct connection to WhatsApp
    kHttpConnect,  // RFC 9110, CONNECT; Basic authentication
    kSocks5,       // RFC 1928, 1929; the proxy resolves names
  };
  Kind kind = Kind::kNone;
  HostPort address;
  std::string user, password;  // both empty: no login

  // "socks5://host:port", without the credentials; "" for kNone.
  std::string ToString() const;
};

// Parses http://[USER:PASSWORD@]HOST:PORT or socks5://…; special characters in
// the user name and the password are written as %XX. "direct" and "" mean
// kNone.
//
// Errors: INVALID_ARGUMENT, saying what is wrong; the message repeats no part
// of the URL, because that may hold a password.
absl::StatusOr<Proxy> ParseProxy(absl::string_view url);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_PROXY_H_
