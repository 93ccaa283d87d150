// How a proxy is asked for a way to somewhere else.
#ifndef PORTRAIT_CORE_WHATSAPP_PROXY_TUNNEL_H_
#define PORTRAIT_CORE_WHATSAPP_PROXY_TUNNEL_H_

#include <boost/asio/awaitable.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/whatsapp/host_port.h"
#include "core/whatsapp/proxy.h"

namespace portrait::whatsapp {

// Asks `proxy`, which `stream` is connected to, for a tunnel to `target`; what
// is sent on `stream` afterwards reaches the target. The proxy looks names up.
// `stream` outlives the call.
//
// Errors, each naming the proxy and what it did:
//   UNAUTHENTICATED    it does not take our user name and password, or wants
//                      some.
//   UNAVAILABLE        it refuses, cannot reach the target, hangs up, or what
//                      it says is not its protocol.
//   DEADLINE_EXCEEDED  it took longer than `timeout`.
boost::asio::awaitable<absl::Status> OpenTunnel(
    boost::beast::tcp_stream* stream, Proxy proxy, HostPort target,
    absl::Duration timeout);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_PROXY_TUNNEL_H_
