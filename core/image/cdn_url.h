// Decides which URLs are fetched, and from which addresses.
#ifndef PORTRAIT_CORE_IMAGE_CDN_URL_H_
#define PORTRAIT_CORE_IMAGE_CDN_URL_H_

#include <sys/socket.h>

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace portrait {

struct CdnUrl {
  std::string host;       // lower case
  bool is_extra = false;  // of the extra origin, on the loopback
};

// Nothing unless `url` is https://HOST/… where HOST is a host of whatsapp.net,
// without a port, user name or password; or of `extra_origin`, unless that is
// empty.
std::optional<CdnUrl> ParseCdnUrl(const std::string& url,
                                  absl::string_view extra_origin);

// Whether `origin` is http:// or https:// with a loopback host and a port.
bool IsLoopbackOrigin(const std::string& origin);

// Whether the address belongs to the public internet. Anything else may be a
// service of this machine or network that trusts us.
bool IsPublicAddress(const sockaddr& address);
bool IsLoopbackAddress(const sockaddr& address);

}  // namespace portrait

#endif  // PORTRAIT_CORE_IMAGE_CDN_URL_H_
