// The settings of the HTTP server.
#ifndef PORTRAIT_SERVER_HTTP_HTTP_OPTIONS_H_
#define PORTRAIT_SERVER_HTTP_HTTP_OPTIONS_H_

#include <cstddef>
#include <string>
#include <vector>

namespace portrait::http {

struct HttpOptions {
  std::string listen;  // HOST:PORT or unix:PATH; empty: HTTP is not served
  // At this number of connections, each new connection closes the connection
  // that has been idle for the longest time.
  size_t max_connections = 10'000;
  // Origins whose pages may call the server, "https://example.com"; "*": all.
  std::vector<std::string> allow_origins;
  // The drop-in dialects to serve, such as "waha".
  std::vector<std::string> compat;
  // Where WhatsApp's pictures are loaded from, "https://HOST".
  std::string picture_origin;
};

}  // namespace portrait::http

#endif  // PORTRAIT_SERVER_HTTP_HTTP_OPTIONS_H_
