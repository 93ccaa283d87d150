// HttpService answers each HTTP request: it knows all paths.
#ifndef PORTRAIT_SERVER_HTTP_HTTP_SERVICE_H_
#define PORTRAIT_SERVER_HTTP_HTTP_SERVICE_H_

#include <memory>
#include <string>
#include <vector>

#include "grpcpp/channel.h"
#include "server/http/console/console.h"
#include "server/http/exchange.h"
#include "server/http/http_options.h"

namespace portrait::http {

// Returns the handler of all requests. Thread-safe. `channel` leads to our own
// gRPC server.
Handler NewHttpService(std::shared_ptr<grpc::Channel> channel,
                       const HttpOptions& options, ConsoleBackend console);

}  // namespace portrait::http

#endif  // PORTRAIT_SERVER_HTTP_HTTP_SERVICE_H_
