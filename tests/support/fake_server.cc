#include "tests/support/fake_server.h"

#include <optional>
#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/whatsapp/certificate.h"
#include "core/whatsapp/node_codec.h"
#include "core/whatsapp/noise_server.h"

namespace portrait {
namespace {

namespace asio = boost::asio;
using asio::use_awaitable;
using asio::ip::tcp;

}  // namespace

FakePeer::FakePeer(tcp::socket socket) : stream_(std::move(socket)) {
  stream_.binary(true);
}

asio::awaitable<void> FakePeer::SendMessage(std::string message) {
  co_await stream_.async_write(asio::buffer(message), use_awaitable);
}

std::string FakePeer::Seal(absl::string_view plaintext) {
  return whatsapp::EncodeFrame(sending_->Encrypt(plaintext).value()).value();
}

asio::awaitable<void> FakePeer::Send(whatsapp::Node node) {
  std::string frame = Seal(whatsapp::EncodeNode(node));
  co_await SendMessage(std::move(frame));
}

asio::awaitable<std::string> FakePeer::ReceiveMessage() {
  std::string message;
  auto buffer = asio::dynamic_buffer(message);
  co_await stream_.async_read(buffer, use_awaitable);
  co_return message;
}

asio::awaitable<std::string> FakePeer::ReceiveFrame() {
  for (;;) {
    std::optional<std::string> frame = decoder_.NextFrame().value();
    if (frame.has_value()) co_return *std::move(frame);
    const std::string message = co_await ReceiveMessage();
    decoder_.Append(message);
  }
}

asio::awaitable<whatsapp::Node> FakePeer::Receive() {
  const std::string frame = co_await ReceiveFrame();
  const std::string plaintext = receiving_->Decrypt(frame).value();
  co_return whatsapp::DecodeNode(plaintext).value();
}

asio::awaitable<bool> FakePeer::SeesClose() {
  boost::system::error_code error;
  while (!error) {
    std::string message;
    auto buffer = asio::dynamic_buffer(message);
    co_await stream_.async_read(buffer,
                                asio::redirect_error(use_awaitable, error));
  }
  co_return true;
}

void FakePeer::Drop() { stream_.next_layer().close(); }

FakeServer::FakeServer(asio::io_context& io)
    : acceptor_(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {}

std::string FakeServer::url() const {
  return absl::StrCat("ws://127.0.0.1:", acceptor_.local_endpoint().port(),
                      "/ws/chat");
}

asio::awaitable<std::unique_ptr<FakePeer>> FakeServer::AcceptSilently() {
  tcp::socket socket = co_await acceptor_.async_accept(use_awaitable);
  std::unique_ptr<FakePeer> peer(new FakePeer(std::move(socket)));
  co_await peer->stream_.async_accept(use_awaitable);
  co_return peer;
}

asio::awaitable<std::unique_ptr<FakePeer>> FakeServer::Accept() {
  std::unique_ptr<FakePeer> peer = co_await AcceptSilently();
  whatsapp::NoiseServerHandshake::Options options;
  options.static_key = static_key_;
  options.certificate_chain = whatsapp::MakeCertificateChain(
      root_, whatsapp::MakeKeyPair(), static_key_.public_key,
      absl::Now() - absl::Hours(1), absl::Now() + absl::Hours(1));
  whatsapp::NoiseServerHandshake handshake(std::move(options),
                                           whatsapp::MakeKeyPair());
  // 1. The preamble and the client's hello are in the same message.
  const std::string first = co_await peer->ReceiveMessage();
  const size_t header = first.find(std::string(whatsapp::kConnectionHeader));
  peer->preamble = first.substr(0, header);
  peer->decoder_.Append(
      first.substr(header + whatsapp::kConnectionHeader.size()));
  const std::string hello = co_await peer->ReceiveFrame();
  // 2. The server's answer.
  const std::string answer = handshake.OnClientHello(hello).value();
  std::string answer_frame = whatsapp::EncodeFrame(answer).value();
  co_await peer->SendMessage(std::move(answer_frame));
  // 3. The client's identity.
  peer->pattern = handshake.pattern();
  whatsapp::NoiseServerHandshake::Client client = handshake.client();
  if (peer->pattern != whatsapp::NoisePattern::kIK) {
    const std::string finish = co_await peer->ReceiveFrame();
    client = handshake.OnClientFinish(finish).value();
  }
  peer->noise_public_key = std::move(client.noise_public_key);
  peer->client_payload = std::move(client.payload);
  whatsapp::NoiseState::TransportKeys keys = handshake.Split();
  peer->sending_ =
      std::make_unique<whatsapp::NoiseCipher>(std::move(keys.server_to_client));
  peer->receiving_ =
      std::make_unique<whatsapp::NoiseCipher>(std::move(keys.client_to_server));
  co_return peer;
}

}  // namespace portrait
