// Opening a TCP connection: names are looked up, a proxy is asked, and all of
// it takes as long as it may.
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
// takes at most `timeout`. `stream` outlives the call, and keeps the deadline
// of the last step.
//
// Errors: UNAVAILABLE and DEADLINE_EXCEEDED, saying for which hop; those of
// OpenTunnel.
boost::asio::awaitable<absl::Status> Dial(boost::beast::tcp_stream* stream,
                                          HostPort target, Proxy proxy,
                                          absl::Duration timeout);

// What an error of a step means: DEADLINE_EXCEEDED or UNAVAILABLE.
absl::Status DialError(absl::string_view doing,
                       const boost::system::error_code& ec,
                       absl::Duration timeout);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_DIAL_H_
