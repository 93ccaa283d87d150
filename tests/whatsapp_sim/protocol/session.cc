#include "tests/whatsapp_sim/protocol/session.h"

#include <chrono>
#include <utility>
#include <variant>

#include <boost/asio/post.hpp>

#include "absl/strings/str_cat.h"
#include "core/base/telemetry.h"
#include "core/whatsapp/deadline.h"
#include "tests/whatsapp_sim/faults/malformed.h"
#include "tests/whatsapp_sim/protocol/grammar.h"
#include "tests/whatsapp_sim/protocol/requests.h"
#include "tests/whatsapp_sim/protocol/rules.h"
#include "tests/whatsapp_sim/protocol/usync.h"

namespace portrait::sim {
namespace {

namespace asio = boost::asio;
using whatsapp::MakeNode;
using whatsapp::Node;

// A client that sends nothing for this time counts as dead.
constexpr std::chrono::seconds kIdleLimit(180);
constexpr char kRoutingInfo[] = "\x08\x06\x08\x0f";

Node Success(const Account& account, uint32_t device, absl::Time now) {
  whatsapp::Jid lid = account.lid_jid();
  lid.device = static_cast<uint16_t>(device);
  return MakeNode("success", {{"t", absl::StrCat(absl::ToUnixSeconds(now))},
                              {"lid", lid},
                              {"props", std::string("27")},
                              {"abprops", std::string("4")},
                              {"location", std::string("sim")}});
}

Node EdgeRouting() {
  return Ib(MakeNode(
      "edge_routing", {},
      Node::Children{MakeNode("routing_info", {}, Node::Bytes{kRoutingInfo})}));
}

}  // namespace

Session::Session(Network& network, std::shared_ptr<ServerConnection> connection)
    : network_(network),
      connection_(std::move(connection)),
      heartbeat_(connection_->strand()),
      watch_(connection_->strand()),
      recycle_(connection_->strand()) {}

// ---- beginning and end

void Session::Start(const whatsapp::NoiseServerHandshake::Client& client) {
  network_.recorder.RecordPayload(client.payload);
  auto admission = Admit(network_, client);
  if (const auto* refusal = std::get_if<Refusal>(&admission)) {
    return Refuse(*refusal);
  }
  if (auto* registration = std::get_if<Registration>(&admission)) {
    StartPairing(std::move(*registration));
  } else {
    StartLogin(std::move(std::get<Login>(admission)));
  }
  Heartbeat();
}

void Session::StartPairing(Registration registration) {
  pairing_until_ = absl::Now() + kPairingTime;
  pairing_ = std::make_unique<PairingFlow>(
      network_, std::move(registration.companion), weak_from_this(),
      [this](const Node& node) { connection_->Send(node); });
  pairing_->Start();
}

void Session::StartLogin(Login login) {
  companion_ = std::move(login.companion);
  if (auto failure = network_.login_refusals.Take(companion_->number())) {
    return End(*std::move(failure));
  }
  account_ = network_.directory.FindAccount(companion_->number());
  recorded_as_ = companion_->jid().ToString();
  name_ = absl::StrCat(Masked(account_.pn_jid().ToString()), " device ",
                       companion_->identity().device());
  Companion::Attachment attachment = companion_->Attach(shared_from_this());
  if (attachment.replaced != nullptr) {
    attachment.replaced->EndStream(StreamError("replaced"));
    ++network_.stats.replaced_logins;
  }
  ++network_.stats.logins;
  LogDebug("{}: logged in", name_);
  connection_->Send(
      Success(account_, companion_->identity().device(), network_.clock()));
  connection_->Send(EdgeRouting());
  for (Node& dirty : companion_->DirtyStanzas()) {
    connection_->Send(Ib(std::move(dirty)));
  }
  offline_.emplace(std::move(attachment.waiting),
                   [this](const Node& stanza) { SendOwed(stanza); });
  if (!login.passive) BecomeActive();
  Watch();
  if (network_.habits.stream_life != absl::InfiniteDuration()) Recycle();
}

void Session::BecomeActive() {
  if (!active_since_.has_value()) active_since_ = absl::Now();
  offline_->Release();
}

void Session::Refuse(const Refusal& refusal) {
  if (!refusal.broken.ok()) Report(refusal.broken);
  End(Failure(refusal.reason));
}

void Session::Report(const absl::Status& broken) {
  network_.protocol_errors.Report(name_, broken);
}

void Session::End(std::optional<Node> last) {
  if (std::exchange(ended_, true)) return;
  if (last.has_value()) {
    connection_->Send(*last);
    connection_->Send(MakeNode("xmlstreamend"));
  }
  connection_->FinishSending();
}

void Session::OnMalformed(absl::string_view what) {
  if (ended_) return;
  Report(Broken(Rule::kFrame, what));
  End(StreamError("xml-not-well-formed"));
}

void Session::OnEnd() {
  ended_ = true;
  heartbeat_.cancel();
  watch_.cancel();
  recycle_.cancel();
  if (pairing_ != nullptr) pairing_->Abandon();
}

// WhatsApp's server also sends pings without an id, which clients need not
// answer.
void Session::Heartbeat() {
  heartbeat_.expires_after(
      whatsapp::ToTimerDuration(network_.habits.ping_interval));
  heartbeat_.async_wait([weak = weak_from_this()](
                            const boost::system::error_code& cancelled) {
    const std::shared_ptr<Session> self = weak.lock();
    if (cancelled || self == nullptr || self->ended_) return;
    if (absl::Now() > self->pairing_until_) return self->End(std::nullopt);
    if (std::chrono::steady_clock::now() - self->connection_->last_received() >
        kIdleLimit) {
      return self->connection_->Close();
    }
    if (self->companion_ != nullptr) {
      self->connection_->Send(MakeNode(
          "iq",
          {{"from", whatsapp::ServerJid()},
           {"t", absl::StrCat(absl::ToUnixSeconds(self->network_.clock()))},
           {"type", std::string("get")},
           {"xmlns", std::string("urn:xmpp:ping")}}));
    }
    self->Heartbeat();
  });
}

// ---- called from any thread

void Session::Deliver(Node stanza) {
  asio::post(connection_->strand(),
             [self = shared_from_this(), stanza = std::move(stanza)] {
               self->SendOwed(stanza);
             });
}

void Session::EndStream(std::optional<Node> last) {
  asio::post(connection_->strand(),
             [self = shared_from_this(), last = std::move(last)] {
               if (last.has_value()) return self->End(last);
               self->ended_ = true;
               self->connection_->Close();
             });
}

void Session::Scan(whatsapp::QrCode code, uint64_t number, PairingDone done) {
  asio::post(connection_->strand(),
             [self = shared_from_this(), code = std::move(code), number,
              done = std::move(done)] {
               if (self->pairing_ == nullptr || self->ended_) {
                 return done(absl::UnavailableError("the client went away"));
               }
               self->pairing_->Scan(code, number, done);
             });
}

void Session::EnterCode(std::string code, uint64_t number, PairingDone done) {
  asio::post(connection_->strand(),
             [self = shared_from_this(), code = std::move(code), number,
              done = std::move(done)] {
               if (self->pairing_ == nullptr || self->ended_) {
                 return done(absl::UnavailableError("the client went away"));
               }
               self->pairing_->EnterCode(code, number, done);
             });
}

// ---- stanzas

void Session::OnStanza(const Node& stanza) {
  network_.recorder.Record(recorded_as_, stanza);
  if (ended_) return;
  if (stanza.tag == "iq") return OnIq(stanza);
  if (stanza.tag == "ack") return OnAck(stanza);
  if (stanza.tag == "ib") return OnIb(stanza);
  if (stanza.tag == "xmlstreamend") return End(std::nullopt);
  // These need no answer.
  for (const char* tag : {"presence", "chatstate", "receipt", "message"}) {
    if (stanza.tag != tag) continue;
    ++network_.stats.noticeable_stanzas;
    return;
  }
  Report(Broken(Rule::kStanzaTag, absl::StrCat("<", stanza.tag, ">")));
}

void Session::OnIq(const Node& iq) {
  const std::string type = iq.AttributeOr("type");
  if (pairing_ != nullptr) return OnPairingIq(iq);
  // The answer to a ping has no id, either.
  if (type == "result" || type == "error") return;
  if ((type != "get" && type != "set") || iq.AttributeOr("id").empty()) {
    return Report(
        Broken(Rule::kIqForm, "neither a request with an id nor an answer"));
  }
  if (!KeepsGrammar(iq)) return;
  if (IsLookup(iq)) return OnLookup(iq);
  OnRequest(iq);
}

bool Session::KeepsGrammar(const Node& iq) {
  const GrammarFindings found = CheckGrammar(iq);
  if (!found.ignored.ok()) Report(found.ignored);
  if (found.refused.ok()) return true;
  Finish(Punish(iq, found.refused), {});
  return false;
}

void Session::OnRequest(const Node& iq) {
  if (iq.AttributeOr("xmlns") == "md") return OnRemoveDevice(iq);
  Asker asker{network_, *companion_, account_};
  Finish(ReactToRequest(asker, iq), DrawLatency(network_.faults.Get()));
  if (iq.AttributeOr("xmlns") == "passive" &&
      iq.FindChild("active") != nullptr) {
    BecomeActive();
  }
}

void Session::OnLookup(const Node& iq) {
  const bool usync = iq.AttributeOr("xmlns") == "usync";
  if (usync) {
    ++network_.stats.usync_queries;
    network_.stats.usync_users += UsyncUsers(iq);
  } else if (iq.AttributeOr("xmlns") == "w:mex") {
    ++network_.stats.channel_queries;
  } else {
    ++network_.stats.picture_queries;
  }
  const Faults faults = network_.faults.Get();
  if (Draw(faults.disconnect_probability)) return connection_->Close();
  if (Draw(faults.drop_probability)) return;
  const absl::Duration latency = DrawLatency(faults);
  if (faults.rate_limit_per_session > 0) {
    const absl::Duration wait =
        companion_->Admit(faults.rate_limit_per_session, absl::Now());
    if (wait > absl::ZeroDuration()) {
      ++network_.stats.rate_limited;
      if (usync) limit_inside_result_ = !limit_inside_result_;
      const bool inside = usync && !limit_inside_result_;
      return connection_->SendLater(
          inside ? UsyncRateLimit(iq, wait) : RateLimitOf(iq, wait), latency);
    }
  }
  if (Draw(faults.error_probability)) {
    return connection_->SendLater(ErrorOf(iq, 500), latency);
  }
  Asker asker{network_, *companion_, account_};
  const Reaction reaction = ReactToRequest(asker, iq);
  if (reaction.answer.has_value() && Draw(faults.malformed_probability)) {
    return connection_->SendBytesLater(Malformed(*reaction.answer), latency);
  }
  Finish(reaction, latency);
}

void Session::Finish(const Reaction& reaction, absl::Duration latency) {
  if (!reaction.broken.ok()) Report(reaction.broken);
  if (reaction.answer.has_value()) {
    connection_->SendLater(*reaction.answer, latency);
  }
}

void Session::OnRemoveDevice(const Node& iq) {
  const Node* removal = iq.FindChild("remove-companion-device");
  const std::optional<whatsapp::Jid> jid =
      removal == nullptr ? std::nullopt : removal->JidAttribute("jid");
  if (jid != companion_->jid()) {
    const absl::Status broken =
        Broken(Rule::kMdRequest, "not a removal of this device");
    return Finish(Punish(iq, broken), {});
  }
  connection_->Send(ResultOf(iq));
  network_.companions->Unlink(*companion_);
  // The server does not end the stream, because whatsmeow would then lose the
  // answer in the same stream.
  ended_ = true;
  connection_->AwaitClose();
}

void Session::OnPairingIq(const Node& iq) {
  const std::string type = iq.AttributeOr("type");
  if (type == "result" || type == "error") {
    const absl::StatusOr<std::shared_ptr<Companion>> linked =
        pairing_->OnAnswer(iq);
    if (!linked.ok()) {
      Report(linked.status());
      return End(std::nullopt);
    }
    if (*linked != nullptr) End(StreamError("515"));
    return;
  }
  if (iq.AttributeOr("xmlns") == "w:p") {
    return connection_->Send(ResultOf(iq));
  }
  if (iq.AttributeOr("xmlns") != "md") {
    const absl::Status broken = Broken(
        Rule::kIqBeforeLogin, absl::StrCat("xmlns ", iq.AttributeOr("xmlns")));
    return Finish(Punish(iq, broken), {});
  }
  if (!KeepsGrammar(iq)) return;
  const absl::Status status = pairing_->OnRequest(iq);
  if (!status.ok()) Report(status);
}

}  // namespace portrait::sim
