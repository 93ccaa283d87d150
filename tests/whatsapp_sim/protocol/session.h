// Session is the server's side of one client's stanzas, from its login or
// registration to the end of the stream.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_SESSION_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_SESSION_H_

#include <memory>
#include <optional>
#include <string>

#include <boost/asio/steady_timer.hpp>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "core/whatsapp/node.h"
#include "core/whatsapp/noise_server.h"
#include "tests/whatsapp_sim/network.h"
#include "tests/whatsapp_sim/protocol/admission.h"
#include "tests/whatsapp_sim/protocol/offline_queue.h"
#include "tests/whatsapp_sim/protocol/pairing_flow.h"
#include "tests/whatsapp_sim/protocol/server_connection.h"
#include "tests/whatsapp_sim/protocol/stanzas.h"

namespace portrait::sim {

// Confined to the connection's strand unless said otherwise. `network` outlives
// it.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(Network& network, std::shared_ptr<ServerConnection> connection);

  // The server's first words: success, failure or refs to pair with.
  void Start(const whatsapp::NoiseServerHandshake::Client& client);
  void OnStanza(const whatsapp::Node& stanza);
  // What came is no stanza.
  void OnMalformed(absl::string_view what);
  // The connection has ended.
  void OnEnd();

  // ---- from any thread
  // Sends a stanza that the companion has to acknowledge.
  void Deliver(whatsapp::Node stanza);
  // Sends `last` if there is one, and ends the stream.
  void EndStream(std::optional<whatsapp::Node> last);
  // A phone acts on the code that this client shows. `done` hears once, on the
  // strand.
  void Scan(whatsapp::QrCode code, uint64_t number, PairingDone done);
  void EnterCode(std::string code, uint64_t number, PairingDone done);

 private:
  void StartPairing(Registration registration);
  void StartLogin(Login login);
  void BecomeActive();
  void Refuse(const Refusal& refusal);
  void Report(const absl::Status& broken);
  void End(std::optional<whatsapp::Node> last);
  void EndQuietly();
  // Ends the stream in a while, as the server does for reasons of its own.
  void Recycle();
  // Sends a stanza that the companion has to acknowledge, now.
  void SendOwed(const whatsapp::Node& stanza);
  // Tells the client once which stanza's ack is missing or wrong.
  void RemindOfAck(const std::string& tag, const std::string& id);

  void OnIq(const whatsapp::Node& iq);
  void OnPairingIq(const whatsapp::Node& iq);
  void OnRequest(const whatsapp::Node& iq);
  void OnLookup(const whatsapp::Node& iq);
  void OnRemoveDevice(const whatsapp::Node& iq);
  void OnAck(const whatsapp::Node& ack);
  void OnIb(const whatsapp::Node& ib);
  void Finish(const Reaction& reaction, absl::Duration latency);

  void Heartbeat();
  // Once in a while: has the client done what it has to?
  void Watch();
  void CheckDuties();

  Network& network_;
  const std::shared_ptr<ServerConnection> connection_;
  boost::asio::steady_timer heartbeat_;
  boost::asio::steady_timer watch_;
  boost::asio::steady_timer recycle_;
  bool ended_ = false;

  // One of these two from Start() on.
  std::unique_ptr<PairingFlow> pairing_;
  std::shared_ptr<Companion> companion_;
  absl::Time pairing_until_ = absl::InfiniteFuture();
  Account account_;                             // of the companion
  std::string name_ = "a client being paired";  // for logs
  std::string recorded_as_;                     // JID text
  bool limit_inside_result_ = false;  // says the next 429 to a usync query

  std::optional<OfflineQueue> offline_;  // once logged in
  std::optional<absl::Time> active_since_;
  bool prekeys_missed_ = false;
  absl::flat_hash_set<std::string> reminded_;  // of the acks of these ids
};

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_SESSION_H_
