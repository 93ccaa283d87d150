// ServerConnection is the layer below a client's stanzas: opening bytes, Noise
// handshake, encrypted frames in both directions.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_SERVER_CONNECTION_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_SERVER_CONNECTION_H_

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/whatsapp/frame.h"
#include "core/whatsapp/node.h"
#include "core/whatsapp/noise.h"
#include "core/whatsapp/noise_server.h"
#include "tests/whatsapp_sim/protocol/server_transport.h"

namespace portrait::sim {

// Confined to its strand. Its coroutines keep it alive.
class ServerConnection : public std::enable_shared_from_this<ServerConnection> {
 public:
  ServerConnection(boost::asio::any_io_executor strand,
                   std::unique_ptr<ServerTransport> transport);

  const boost::asio::any_io_executor& strand() const { return strand_; }

  // Reads the opening bytes and runs the handshake. Call it once, before all
  // other methods.
  //
  // Errors: INVALID_ARGUMENT naming the client's error, UNAVAILABLE if it
  // disconnects, DEADLINE_EXCEEDED if it takes too long.
  boost::asio::awaitable<absl::StatusOr<whatsapp::NoiseServerHandshake::Client>>
  ShakeHands(whatsapp::NoiseServerHandshake::Options options);
  // The pattern of the completed handshake.
  whatsapp::NoisePattern pattern() const { return pattern_; }

  // Receives the next stanza.
  //
  // Errors: UNAVAILABLE if the connection has ended, INVALID_ARGUMENT with the
  // reason for an invalid stanza.
  boost::asio::awaitable<absl::StatusOr<whatsapp::Node>> Receive();
  std::chrono::steady_clock::time_point last_received() const {
    return last_received_;
  }

  // Frames are sent in the order of these calls. Large nodes are compressed, as
  // WhatsApp's server may do. A client that does not read is eventually
  // disconnected.
  void Send(const whatsapp::Node& stanza);
  // Queues the stanza, in that order, after `delay`.
  void SendLater(const whatsapp::Node& stanza, absl::Duration delay);
  // Like SendLater, with bytes that may not be a valid node.
  void SendBytesLater(std::string plaintext, absl::Duration delay);

  // Sends the queued stanzas (but not delayed answers), and then ends the
  // connection, at the latest after a few seconds.
  void FinishSending();
  // Ends the connection when the client closes it, at the latest after a few
  // seconds.
  void AwaitClose();
  // Ends the connection at once.
  void Close();

 private:
  using TimePoint = std::chrono::steady_clock::time_point;

  boost::asio::awaitable<absl::StatusOr<std::string>> ReceiveFrame();
  boost::asio::awaitable<absl::Status> ReadOpening();
  void Enqueue(absl::string_view plaintext);
  void WaitForNextLater();
  void OnLaterDue();
  static boost::asio::awaitable<void> WriteAll(
      std::shared_ptr<ServerConnection> self);

  const boost::asio::any_io_executor strand_;
  const std::unique_ptr<ServerTransport> transport_;
  whatsapp::NoisePattern pattern_ = whatsapp::NoisePattern::kXX;
  std::unique_ptr<whatsapp::NoiseCipher> receive_cipher_, send_cipher_;

  whatsapp::FrameDecoder decoder_;
  TimePoint last_received_;

  // Messages of complete frames: no frame spans two messages.
  std::deque<std::string> outbox_;
  size_t outbox_bytes_ = 0;
  bool writing_ = false;
  bool finishing_ = false;
  bool closed_ = false;

  // Plaintexts by the time at which to send them.
  std::multimap<TimePoint, std::string> later_;
  boost::asio::steady_timer later_timer_;
  boost::asio::steady_timer finish_timer_;
};

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_SERVER_CONNECTION_H_
