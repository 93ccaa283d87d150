// Session is the server's handling of one client's stanzas, from its login or
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

// Confined to the connection's strand unless a method says otherwise. `network`
// must outlive it.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(Network& network, std::shared_ptr<ServerConnection> connection);

  // Sends the server's first stanza: success, failure or refs for pairing.
  void Start(const whatsapp::NoiseServerHandshake::Client& client);
  void OnStanza(const whatsapp::Node& stanza);
  // The client has sent an invalid stanza.
  void OnMalformed(absl::string_view what);
  // The connection has ended.
  void OnEnd();

  // ---- called from any thread
  // Sends a stanza that the companion must acknowledge.
  void Deliver(whatsapp::Node stanza);
  // Sends `last` if it is set, and ends the stream.
  void EndStream(std::optional<whatsapp::Node> last);
  // A phone uses the code that this client shows. `done` is called once, on the
  // strand.
  void Scan(whatsapp::QrCode code, uint64_t number, PairingDone done);
  void EnterCode(std::string code, uint64_t number, PairingDone done);

 private:
  void StartPairing(Registration registration);
  void StartLogin(Login login);
  void BecomeActive();
  void Refuse(const Refusal& refusal);
  // Reports violations, and answers a request that WhatsApp refuses.
  bool KeepsGrammar(const whatsapp::Node& iq);
  void Report(const absl::Status& broken);
  void End(std::optional<whatsapp::Node> last);
  void EndQuietly();
  // Ends the stream after a while, as WhatsApp's server does.
  void Recycle();
  // Sends a stanza now that the companion must acknowledge.
  void SendOwed(const whatsapp::Node& stanza);
  // Notifies the client once about a stanza whose ack is missing or wrong.
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
  // Checks periodically whether the client has done its duties.
  void Watch();
  void CheckDuties();

  Network& network_;
  const std::shared_ptr<ServerConnection> connection_;
  boost::asio::steady_timer heartbeat_;
  boost::asio::steady_timer watch_;
  boost::asio::steady_timer recycle_;
  bool ended_ = false;

  // One of these two is set after Start().
  std::unique_ptr<PairingFlow> pairing_;
  std::shared_ptr<Companion> companion_;
  absl::Time pairing_until_ = absl::InfiniteFuture();
  Account account_;                             // the companion's account
  std::string name_ = "a client being paired";  // for logs
  std::string recorded_as_;                     // JID text
  bool limit_inside_result_ = false;  // form of the next 429 to a usync query

  std::optional<OfflineQueue> offline_;  // set after the login
  std::optional<absl::Time> active_since_;
  bool prekeys_missed_ = false;
  // Ids of stanzas whose ack was requested.
  absl::flat_hash_set<std::string> reminded_;
};

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_SESSION_H_
