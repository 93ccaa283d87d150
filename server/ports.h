// The ports of portraitd. They stay open from its start to its end, also while
// this node of a cluster becomes active or stands by.
#ifndef PORTRAIT_SERVER_PORTS_H_
#define PORTRAIT_SERVER_PORTS_H_

#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "absl/status/statusor.h"
#include "server/connections.h"
#include "server/http/http_options.h"
#include "server/listen_address.h"
#include "server/server_options.h"

namespace portrait {

// Listens on the address of --listen.
//
// Errors: INVALID_ARGUMENT naming the flag, also if other machines could
// connect and nothing permits it; those of Connections::Listen.
absl::StatusOr<std::shared_ptr<Connections>> OpenGrpcPort(
    boost::asio::io_context& io, const ServerOptions& options);

// The same for --http-listen; null if it is not set. Certificates and the rule
// for addresses that other machines can reach are those of --listen.
absl::StatusOr<std::shared_ptr<Connections>> OpenHttpPort(
    boost::asio::io_context& io, const http::HttpOptions& http,
    const ServerOptions& options);

// The address under which other nodes reach a port that is bound to `bound`.
// If `advertise`, a host, is empty, it is the host of `bound`, or, if that is
// not the address of one machine, this machine's name.
std::string AdvertisedAddress(const std::string& advertise,
                              const ListenAddress& bound);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_PORTS_H_
