// Asks a proxy to open a tunnel to another host.
#ifndef PORTRAIT_CORE_WHATSAPP_PROXY_TUNNEL_H_
#define PORTRAIT_CORE_WHATSAPP_PROXY_TUNNEL_H_

#include <boost/asio/awaitable.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/whatsapp/host_port.h"
#include "core/whatsapp/proxy.h"

namespace portrait::whatsapp {

// Asks `proxy`, to which `stream` is connected, for a tunnel to `target`; data
// sent on `stream` afterwards reaches the target. The proxy resolves names.
// `stream` must outlive the call.
//
// Errors, naming the proxy and the failure:
//   UNAUTHENTICATED    it refused the user name and password, or needs them.
//   UNAVAILABLE        it refused, could not reach the target, closed the
//                      connection, or violated the protocol.
//   DEADLINE_EXCEEDED  it took longer than `timeout`.
boost::asio::awaitable<absl::Status> OpenTunnel(
    boost::beast::tcp_stream* stream, Proxy proxy, HostPort target,
    absl::Duration timeout);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_PROXY_TUNNEL_H_
