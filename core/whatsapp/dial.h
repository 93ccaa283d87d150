// Opens TCP connections: resolves names, asks a proxy if there is one, and
// limits the time of each step.
#ifndef PORTRAIT_CORE_WHATSAPP_DIAL_H_
#define PORTRAIT_CORE_WHATSAPP_DIAL_H_

#include <boost/asio/awaitable.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/system/error_code.hpp>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/whatsapp/host_port.h"
#include "core/whatsapp/proxy.h"

namespace portrait::whatsapp {

// Connects `stream` to `target`, through `proxy` if there is one; each step
// takes at most `timeout`. `stream` must outlive the call, and keeps the
// deadline of the last step.
//
// Errors: UNAVAILABLE and DEADLINE_EXCEEDED, naming the hop; those of
// OpenTunnel.
boost::asio::awaitable<absl::Status> Dial(boost::beast::tcp_stream* stream,
                                          HostPort target, Proxy proxy,
                                          absl::Duration timeout);

// The status for a failed step: DEADLINE_EXCEEDED or UNAVAILABLE.
absl::Status DialError(absl::string_view doing,
                       const boost::system::error_code& ec,
                       absl::Duration timeout);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_DIAL_H_
