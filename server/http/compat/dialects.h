// The names of the drop-in dialects, and their dispatch by path.
#ifndef PORTRAIT_SERVER_HTTP_COMPAT_DIALECTS_H_
#define PORTRAIT_SERVER_HTTP_COMPAT_DIALECTS_H_

#include <memory>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "server/http/exchange.h"
#include "server/http/grpc_call.h"

namespace portrait::http {

// The path of every dialect begins with it: "/compat/waha/api/…".
inline constexpr char kCompatPrefix[] = "/compat/";

// Answers a request whose path begins with kCompatPrefix, if its dialect is
// among `enabled`.
boost::asio::awaitable<void> AnswerCompat(
    Channel channel, const std::vector<std::string>& enabled,
    Exchange& exchange);

}  // namespace portrait::http

#endif  // PORTRAIT_SERVER_HTTP_COMPAT_DIALECTS_H_
