// One HTTP/1.1 connection, plain or with TLS: reads requests one after the
// other, with limits and deadlines, and has each answered by the handler.
#ifndef PORTRAIT_SERVER_HTTP_CONNECTION_H_
#define PORTRAIT_SERVER_HTTP_CONNECTION_H_

#include <cstddef>
#include <functional>
#include <memory>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>

#include "absl/time/time.h"
#include "server/http/exchange.h"

namespace portrait::http {

struct ConnectionLimits {
  size_t max_header_bytes = 16 << 10;
  // From the connection's start or the previous response to the first byte of
  // a request.
  absl::Duration idle_timeout = absl::Minutes(1);
  // For the TLS handshake, and from the first byte of a request to the end of
  // its header.
  absl::Duration header_timeout = absl::Seconds(10);
  absl::Duration body_timeout = absl::Seconds(30);  // for a whole body
  // The longest pause in a body that is a stream.
  absl::Duration stream_pause = absl::Minutes(5);
  // A response ends if the caller accepts no byte of it for this time.
  absl::Duration write_timeout = absl::Seconds(30);
};

// Thread-safe. Lives until the connection is closed; observers keep weak
// pointers.
class Connection {
 public:
  // Tells the owner what a connection does. Called on the connection's strand.
  class Observer {
   public:
    virtual ~Observer() = default;
    // It waits for a request, or is answering one.
    virtual void OnIdle(Connection* connection) = 0;
    virtual void OnBusy(Connection* connection) = 0;
    virtual void OnClosed(Connection* connection) = 0;
  };

  struct Options {
    ConnectionLimits limits;
    // Both are borrowed, and outlive the connection.
    const Handler* handler = nullptr;
    Observer* observer = nullptr;
    std::shared_ptr<boost::asio::ssl::context> tls;  // null: plain
  };

  // Takes over `descriptor`. The connection runs on a strand of `io` once
  // Start has been called.
  static std::shared_ptr<Connection> Make(boost::asio::io_context& io,
                                          int descriptor, Options options);
  virtual ~Connection() = default;

  virtual void Start() = 0;
  // Closes the connection after the response that is being sent, if any.
  virtual void CloseSoon() = 0;
  // Closes it now, and cancels what its handler waits for.
  virtual void CloseNow() = 0;
};

}  // namespace portrait::http

#endif  // PORTRAIT_SERVER_HTTP_CONNECTION_H_
