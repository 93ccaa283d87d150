#include "tests/whatsapp_sim/testing/sim_test_client.h"

#include <future>
#include <optional>
#include <utility>
#include <variant>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/whatsapp/frame.h"
#include "core/whatsapp/node_codec.h"
#include "core/whatsapp/noise_client.h"
#include "core/whatsapp/pairing.h"
#include "tests/support/test_deadline.h"

namespace portrait::sim {
namespace {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;
using asio::ip::tcp;
using boost::system::error_code;
using whatsapp::MakeNode;
using whatsapp::Node;

// The timeout of each step.
const timeval kTimeout = absl::ToTimeval(kTestDeadline);

absl::Status StatusOf(const error_code& error) {
  if (!error) return absl::OkStatus();
  return absl::UnavailableError(error.message());
}

}  // namespace

struct SimTestClient::Wire {
  asio::io_context io;
  websocket::stream<tcp::socket> socket{io};
  whatsapp::FrameDecoder decoder;
  std::optional<whatsapp::NoiseCipher> send_cipher, receive_cipher;

  absl::Status Open(const std::string& url) {
    // ws://HOST:PORT/ws/chat
    const std::string address = url.substr(5, url.find('/', 5) - 5);
    const size_t colon = address.rfind(':');
    uint32_t port = 0;
    if (!absl::SimpleAtoi(address.substr(colon + 1), &port)) {
      return absl::InvalidArgumentError("no ws:// address");
    }
    error_code error;
    socket.next_layer().connect(
        {asio::ip::make_address(address.substr(0, colon)),
         static_cast<uint16_t>(port)},
        error);
    RETURN_IF_ERROR(StatusOf(error));
    const int handle = socket.next_layer().native_handle();
    setsockopt(handle, SOL_SOCKET, SO_RCVTIMEO, &kTimeout, sizeof(kTimeout));
    setsockopt(handle, SOL_SOCKET, SO_SNDTIMEO, &kTimeout, sizeof(kTimeout));
    socket.set_option(
        websocket::stream_base::decorator([](websocket::request_type& request) {
          request.set("Origin", "https://web.whatsapp.com");
        }));
    socket.handshake(address, "/ws/chat", error);
    socket.binary(true);
    return StatusOf(error);
  }

  absl::Status SendBytes(absl::string_view bytes) {
    error_code error;
    socket.write(asio::buffer(bytes.data(), bytes.size()), error);
    return StatusOf(error);
  }

  absl::StatusOr<std::string> ReceiveFrame() {
    for (;;) {
      ASSIGN_OR_RETURN(std::optional<std::string> frame, decoder.NextFrame());
      if (frame.has_value()) return *std::move(frame);
      std::string message;
      auto buffer = asio::dynamic_buffer(message);
      error_code error;
      socket.read(buffer, error);
      RETURN_IF_ERROR(StatusOf(error));
      decoder.Append(message);
    }
  }
};

SimTestClient::SimTestClient(std::unique_ptr<Wire> wire)
    : wire_(std::move(wire)) {}
SimTestClient::SimTestClient(SimTestClient&&) noexcept = default;
SimTestClient::~SimTestClient() = default;

absl::StatusOr<SimTestClient> SimTestClient::Connect(
    const Simulator::Endpoints& endpoints, const whatsapp::KeyPair& noise_key,
    const std::string& payload, absl::string_view header) {
  auto wire = std::make_unique<Wire>();
  RETURN_IF_ERROR(wire->Open(endpoints.url));
  whatsapp::NoiseClientHandshake handshake(
      {.root_public_key = absl::HexStringToBytes(endpoints.root_key),
       .now = absl::Now(),
       .known_server = {}},
      noise_key, whatsapp::MakeKeyPair(), payload);
  ASSIGN_OR_RETURN(const std::string hello, handshake.ClientHello());
  ASSIGN_OR_RETURN(const std::string hello_frame, whatsapp::EncodeFrame(hello));
  RETURN_IF_ERROR(wire->SendBytes(absl::StrCat(header, hello_frame)));
  ASSIGN_OR_RETURN(const std::string server_hello, wire->ReceiveFrame());
  ASSIGN_OR_RETURN(const std::optional<std::string> finish,
                   handshake.OnServerHello(server_hello));
  ASSIGN_OR_RETURN(const std::string frame, whatsapp::EncodeFrame(*finish));
  RETURN_IF_ERROR(wire->SendBytes(frame));
  const whatsapp::NoiseState::TransportKeys keys = handshake.Split();
  wire->send_cipher.emplace(keys.client_to_server);
  wire->receive_cipher.emplace(keys.server_to_client);
  return SimTestClient(std::move(wire));
}

absl::StatusOr<SimTestClient> SimTestClient::Connect(
    const Simulator::Endpoints& endpoints, const whatsapp::Device& device,
    const whatsapp::ClientVersion& version) {
  return Connect(endpoints, device.noise_key,
                 device.paired()
                     ? whatsapp::LoginPayload(device, version)
                     : whatsapp::RegistrationPayload(
                           device, version, whatsapp::DeviceAppearance()));
}

absl::StatusOr<whatsapp::Device> SimTestClient::Link(
    Simulator& simulator, const Simulator::Endpoints& endpoints,
    const std::string& phone_number) {
  const whatsapp::Device device = whatsapp::MakeDevice();
  ASSIGN_OR_RETURN(SimTestClient client, Connect(endpoints, device));
  ASSIGN_OR_RETURN(const Node refs, client.ReceiveTag("iq"));
  const Node* pair_device = refs.FindChild("pair-device");
  if (pair_device == nullptr || pair_device->children().empty()) {
    return absl::InternalError("no refs came");
  }
  RETURN_IF_ERROR(
      client.Send(MakeNode("iq", {{"to", whatsapp::ServerJid()},
                                  {"type", std::string("result")},
                                  {"id", refs.AttributeOr("id")}})));
  const std::string qr_text =
      whatsapp::QrCodeText(pair_device->children().front().Data(), device);
  std::future<absl::StatusOr<std::string>> scanned = std::async(
      std::launch::async,
      [&] { return simulator.control().ScanQrCode(qr_text, phone_number); });
  ASSIGN_OR_RETURN(const Node success, client.ReceiveTag("iq"));
  const auto accepted =
      whatsapp::AcceptPairSuccess(success, device, absl::Now());
  const auto* result = std::get_if<whatsapp::PairingResult>(&accepted);
  if (result == nullptr) {
    return std::get<whatsapp::PairingRefusal>(accepted).status;
  }
  RETURN_IF_ERROR(client.Send(result->reply));
  RETURN_IF_ERROR(client.ReceiveTag("stream:error").status());
  RETURN_IF_ERROR(scanned.get().status());
  return result->device;
}

absl::Status SimTestClient::Send(const Node& node) {
  ASSIGN_OR_RETURN(const std::string ciphertext,
                   wire_->send_cipher->Encrypt(whatsapp::EncodeNode(node)));
  ASSIGN_OR_RETURN(const std::string frame, whatsapp::EncodeFrame(ciphertext));
  return wire_->SendBytes(frame);
}

absl::StatusOr<Node> SimTestClient::Receive() {
  ASSIGN_OR_RETURN(const std::string frame, wire_->ReceiveFrame());
  ASSIGN_OR_RETURN(const std::string plaintext,
                   wire_->receive_cipher->Decrypt(frame));
  return whatsapp::DecodeNode(plaintext);
}

absl::StatusOr<Node> SimTestClient::ReceiveTag(absl::string_view tag) {
  for (;;) {
    ASSIGN_OR_RETURN(Node node, Receive());
    if (node.tag == tag) return node;
  }
}

absl::StatusOr<Node> SimTestClient::Ask(Node iq) {
  const std::string id = absl::StrCat("test-", ++last_id_);
  iq.SetAttribute("id", id);
  RETURN_IF_ERROR(Send(iq));
  for (;;) {
    ASSIGN_OR_RETURN(Node answer, ReceiveTag("iq"));
    if (answer.Attribute("id") == id) return answer;
  }
}

bool SimTestClient::IsMetWithSilence(Node iq) {
  const std::string id = absl::StrCat("test-", ++last_id_);
  iq.SetAttribute("id", id);
  const std::string ping_id = absl::StrCat("test-", ++last_id_);
  const Node ping = MakeNode("iq", {{"to", whatsapp::ServerJid()},
                                    {"type", std::string("get")},
                                    {"xmlns", std::string("w:p")},
                                    {"id", ping_id}});
  if (!Send(iq).ok() || !Send(ping).ok()) return false;
  for (;;) {
    const absl::StatusOr<Node> answer = ReceiveTag("iq");
    if (!answer.ok() || answer->Attribute("id") == id) return false;
    if (answer->Attribute("id") == ping_id) return true;
  }
}

}  // namespace portrait::sim
