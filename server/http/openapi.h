// The description of the HTTP routes in OpenAPI 3.1, made from the contract:
// its annotations, messages and comments.
#ifndef PORTRAIT_SERVER_HTTP_OPENAPI_H_
#define PORTRAIT_SERVER_HTTP_OPENAPI_H_

#include <string>

#include "server/http/route_table.h"

namespace portrait::http {

// A JSON document.
std::string OpenApiDocument(const RouteTable& table);

}  // namespace portrait::http

#endif  // PORTRAIT_SERVER_HTTP_OPENAPI_H_
