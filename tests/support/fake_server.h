// FakeServer is WhatsApp's side of a connection, line by line as a test says:
// it does nothing by itself beyond the handshake, and may well be rude. What a
// whole network does is tests/whatsapp_sim's part.
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

// One client, after the handshake. Its coroutines throw when the client goes
// away. Confined to the io_context's thread.
class FakePeer {
 public:
  // What the client sent before its first frame, and of itself.
  std::string preamble;
  std::string noise_public_key;
  std::string client_payload;
  whatsapp::NoisePattern pattern = whatsapp::NoisePattern::kXX;

  boost::asio::awaitable<void> Send(whatsapp::Node node);
  // One WebSocket message, as it is.
  boost::asio::awaitable<void> SendMessage(std::string message);
  // The frame of a plaintext (flag byte and node), under the next counter.
  std::string Seal(absl::string_view plaintext);

  boost::asio::awaitable<whatsapp::Node> Receive();
  // Whether the client has gone; skips what it still says.
  boost::asio::awaitable<bool> SeesClose();

  // Hangs up without a word.
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

  // The next client, up to the end of the handshake.
  boost::asio::awaitable<std::unique_ptr<FakePeer>> Accept();
  // From now on another static key answers.
  void RotateKey() { static_key_ = whatsapp::MakeKeyPair(); }

  // The next client, upgraded to a WebSocket and left alone after that.
  boost::asio::awaitable<std::unique_ptr<FakePeer>> AcceptSilently();

 private:
  boost::asio::ip::tcp::acceptor acceptor_;
  const whatsapp::KeyPair root_ = whatsapp::MakeKeyPair();
  whatsapp::KeyPair static_key_ = whatsapp::MakeKeyPair();
};

}  // namespace portrait

#endif  // PORTRAIT_TESTS_SUPPORT_FAKE_SERVER_H_
