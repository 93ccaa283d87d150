// Listener accepts TCP connections and passes each, with its own strand, to a
// handler.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_LISTENER_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_LISTENER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "absl/status/statusor.h"

namespace portrait::sim {

// Thread-safe after Start().
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  // Called on the new socket's strand, which is the socket's executor.
  using Handler = std::function<void(boost::asio::ip::tcp::socket)>;

  // Binds `address`, HOST:PORT with a numeric host; port 0: any free port.
  //
  // Errors: INVALID_ARGUMENT for an invalid address, UNAVAILABLE if it is in
  // use.
  static absl::StatusOr<std::shared_ptr<Listener>> Open(
      boost::asio::io_context& io, const std::string& address);

  Listener(boost::asio::io_context& io, boost::asio::ip::tcp::acceptor acceptor)
      : io_(io), acceptor_(std::move(acceptor)), pause_(strand()) {}

  uint16_t port() const { return port_; }

  void Start(Handler handler);
  // Accepts no more connections.
  void Close();

 private:
  boost::asio::any_io_executor strand() { return acceptor_.get_executor(); }
  void AcceptNext();
  void OnAccepted(const boost::system::error_code& error,
                  boost::asio::ip::tcp::socket socket);

  boost::asio::io_context& io_;
  uint16_t port_ = 0;  // constant after Open()
  Handler handler_;    // constant after Start()

  // Confined to the acceptor's strand.
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  bool closed_ = false;
};

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_LISTENER_H_
