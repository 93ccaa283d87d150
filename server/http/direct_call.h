// Calls of our own server without gRPC's in-process channel, for the methods
// that most requests call: see server/direct_lookup.h.
#ifndef PORTRAIT_SERVER_HTTP_DIRECT_CALL_H_
#define PORTRAIT_SERVER_HTTP_DIRECT_CALL_H_

#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "server/http/exchange.h"
#include "server/http/grpc_call.h"

namespace portrait::http {

// Whether a call is of the method that CallDirectly or StartDirectly calls.
bool IsDirectUnary(const CallOptions& options);
bool IsDirectStream(const CallOptions& options);

// Whether the call's token is valid, for what must not be done for strangers
// even before the call.
bool IsKnownCaller(const Channel& channel, const CallOptions& options);

// Calls GetProfilePicture, as CallUnary does.
boost::asio::awaitable<UnaryAnswer> CallDirectly(Channel channel,
                                                 CallOptions options,
                                                 std::string request,
                                                 Exchange& exchange);

// Calls EnrichProfilePictures, as GrpcCall::Start does.
std::unique_ptr<GrpcCall> StartDirectly(const Channel& channel,
                                        const CallOptions& options);

}  // namespace portrait::http

#endif  // PORTRAIT_SERVER_HTTP_DIRECT_CALL_H_
