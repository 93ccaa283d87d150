// FakeServer is WhatsApp's side of a connection, controlled by a test: apart
// from the handshake it does nothing on its own, and it may violate the
// protocol. tests/whatsapp_sim simulates a whole network.
#ifndef PORTRAIT_TESTS_SUPPORT_FAKE_SERVER_H_
#define PORTRAIT_TESTS_SUPPORT_FAKE_SERVER_H_

#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "core/whatsapp/crypto.h"
#include "core/whatsapp/frame.h"
#include "core/whatsapp/node.h"
#include "core/whatsapp/noise.h"

namespace portrait {

// One client, after the handshake. Its coroutines throw if the client
// disconnects. Confined to the io_context's thread.
class FakePeer {
 public:
  // The bytes before the client's first frame, and the client's payload.
  std::string preamble;
  std::string noise_public_key;
  std::string client_payload;
  whatsapp::NoisePattern pattern = whatsapp::NoisePattern::kXX;

  boost::asio::awaitable<void> Send(whatsapp::Node node);
  // Sends one WebSocket message unchanged.
  boost::asio::awaitable<void> SendMessage(std::string message);
  // Returns the frame for a plaintext (flag byte and node), under the next
  // counter.
  std::string Seal(absl::string_view plaintext);

  boost::asio::awaitable<whatsapp::Node> Receive();
  // Whether the client has disconnected; skips all data before that.
  boost::asio::awaitable<bool> SeesClose();

  // Closes the TCP connection without a close message.
  void Drop();

 private:
  friend class FakeServer;
  explicit FakePeer(boost::asio::ip::tcp::socket socket);

  boost::asio::awaitable<std::string> ReceiveMessage();
  boost::asio::awaitable<std::string> ReceiveFrame();

  boost::beast::websocket::stream<boost::asio::ip::tcp::socket> stream_;
  whatsapp::FrameDecoder decoder_;
  std::unique_ptr<whatsapp::NoiseCipher> sending_;
  std::unique_ptr<whatsapp::NoiseCipher> receiving_;
};

class FakeServer {
 public:
  explicit FakeServer(boost::asio::io_context& io);

  std::string url() const;
  const std::string& root_public_key() const { return root_.public_key; }

  // Accepts the next client and completes the handshake.
  boost::asio::awaitable<std::unique_ptr<FakePeer>> Accept();
  // Replaces the static key with which the server answers from now on.
  void RotateKey() { static_key_ = whatsapp::MakeKeyPair(); }

  // Accepts the next client, upgrades it to a WebSocket and sends nothing.
  boost::asio::awaitable<std::unique_ptr<FakePeer>> AcceptSilently();

 private:
  boost::asio::ip::tcp::acceptor acceptor_;
  const whatsapp::KeyPair root_ = whatsapp::MakeKeyPair();
  whatsapp::KeyPair static_key_ = whatsapp::MakeKeyPair();
};

}  // namespace portrait

#endif  // PORTRAIT_TESTS_SUPPORT_FAKE_SERVER_H_
