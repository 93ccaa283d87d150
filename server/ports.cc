#include "server/ports.h"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/host_name.hpp>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"
#include "server/exposure.h"

namespace portrait {
namespace {

absl::StatusOr<ListenAddress> ParsePort(const char* flag,
                                        const std::string& listen) {
  absl::StatusOr<ListenAddress> address = ParseListenAddress(listen);
  if (address.ok()) return address;
  return absl::InvalidArgumentError(
      absl::StrCat(flag, ": ", address.status().message()));
}

// gRPC 1.51 does not withstand hostile HTTP/2, so other machines may reach it
// only with client certificates or through the front door.
absl::Status CheckGrpcExposure(const ListenAddress& address,
                               const ServerOptions& options) {
  ASSIGN_OR_RETURN(
      const bool is_exposed,
      IsExposed("--listen", address, options,
                ", and any of them could fill the memory and stop the service "
                "without a token"));
  if (!is_exposed) return absl::OkStatus();
  LogWarning(
      "--insecure-listen: anyone who can connect to {} can fill the memory "
      "and stop the service without a token (CONTINUATION floods, rapid "
      "reset){}; deploy/front refuses these attacks",
      address.ToString(),
      options.tls.certificate.empty()
          ? ", and the tokens can be read on the network"
          : "");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::shared_ptr<Connections>> OpenGrpcPort(
    boost::asio::io_context& io, const ServerOptions& options) {
  ASSIGN_OR_RETURN(const ListenAddress address,
                   ParsePort("--listen", options.listen));
  RETURN_IF_ERROR(CheckGrpcExposure(address, options));
  return Connections::Listen(io, "--listen", address,
                             options.reserved_descriptors);
}

absl::StatusOr<std::shared_ptr<Connections>> OpenHttpPort(
    boost::asio::io_context& io, const http::HttpOptions& http,
    const ServerOptions& options) {
  if (http.listen.empty()) return nullptr;
  ASSIGN_OR_RETURN(const ListenAddress address,
                   ParsePort("--http-listen", http.listen));
  ASSIGN_OR_RETURN(const bool is_exposed,
                   IsExposed("--http-listen", address, options));
  if (is_exposed) {
    LogWarning("--insecure-listen: other machines can connect to {}{}",
               address.ToString(),
               options.tls.certificate.empty()
                   ? "; tokens would travel unencrypted"
                   : "");
  }
  return Connections::Listen(io, "--http-listen", address,
                             options.reserved_descriptors);
}

std::string AdvertisedAddress(const std::string& advertise,
                              const ListenAddress& bound) {
  ListenAddress address = bound;
  boost::system::error_code ec;
  const auto ip = boost::asio::ip::make_address(bound.host, ec);
  if (!advertise.empty()) {
    address.host = advertise;
  } else if (!ec && ip.is_unspecified()) {
    address.host = boost::asio::ip::host_name(ec);
  }
  return address.ToString();
}

}  // namespace portrait
