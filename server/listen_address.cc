#include "server/listen_address.h"

#include <sys/un.h>

#include <boost/asio/ip/address.hpp>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace portrait {
namespace {

// The kernel's limit, without the terminating zero byte.
constexpr size_t kMaxUnixPathBytes = sizeof(sockaddr_un::sun_path) - 1;

absl::StatusOr<ListenAddress> ParseUnixPath(absl::string_view path) {
  if (path.empty() || path.size() > kMaxUnixPathBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("expected unix:PATH with a path of 1 to ",
                     kMaxUnixPathBytes, " bytes, not 'unix:", path, "'"));
  }
  ListenAddress address;
  address.unix_path = std::string(path);
  return address;
}

}  // namespace

std::string ListenAddress::ToString() const {
  if (IsUnix()) return absl::StrCat("unix:", unix_path);
  const bool is_v6 = host.find(':') != std::string::npos;
  return is_v6 ? absl::StrCat("[", host, "]:", port)
               : absl::StrCat(host, ":", port);
}

bool ListenAddress::IsLocal() const {
  if (IsUnix()) return true;
  if (host == "localhost") return true;
  boost::system::error_code not_an_address;
  const auto address = boost::asio::ip::make_address(host, not_an_address);
  return !not_an_address && address.is_loopback();
}

absl::StatusOr<ListenAddress> ParseListenAddress(absl::string_view text) {
  if (absl::string_view path = text; absl::ConsumePrefix(&path, "unix:")) {
    return ParseUnixPath(path);
  }
  const absl::Status error = absl::InvalidArgumentError(
      absl::StrCat("expected HOST:PORT such as 127.0.0.1:7700 or [::1]:7700, "
                   "port 0 to 65535, or unix:PATH, not '",
                   text, "'"));
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos || colon == 0) return error;
  ListenAddress address;
  if (!absl::SimpleAtoi(text.substr(colon + 1), &address.port) ||
      address.port < 0 || address.port > 65535) {
    return error;
  }
  absl::string_view host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != absl::string_view::npos) {
    return error;  // an IPv6 address without brackets
  }
  address.host = std::string(host);
  return address;
}

}  // namespace portrait
