// The flags of the HTTP server.
#ifndef PORTRAIT_SERVER_HTTP_FLAGS_H_
#define PORTRAIT_SERVER_HTTP_FLAGS_H_

#include "server/flags.h"
#include "server/http/http_options.h"

namespace portrait {

void AddHttpFlags(Flags& flags, http::HttpOptions* options);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_HTTP_FLAGS_H_
