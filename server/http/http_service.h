// HttpService answers each HTTP request: it knows all paths.
#ifndef PORTRAIT_SERVER_HTTP_HTTP_SERVICE_H_
#define PORTRAIT_SERVER_HTTP_HTTP_SERVICE_H_

#include <memory>
#include <string>
#include <vector>

#include "server/http/console/console.h"
#include "server/http/exchange.h"
#include "server/http/grpc_call.h"
#include "server/http/http_options.h"

namespace portrait::http {

// Returns the handler of all requests. Thread-safe.
Handler NewHttpService(Channel channel, const HttpOptions& options,
                       ConsoleBackend console);

}  // namespace portrait::http

#endif  // PORTRAIT_SERVER_HTTP_HTTP_SERVICE_H_
