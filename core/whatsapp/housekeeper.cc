#include "core/whatsapp/housekeeper.h"

#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"
#include "core/whatsapp/contact_notice.h"
#include "core/whatsapp/prekeys.h"
#include "core/whatsapp/queries.h"
#include "core/whatsapp/steady_time.h"
#include "core/whatsapp/stream_status.h"

namespace portrait::whatsapp {
namespace {

namespace asio = boost::asio;

// Opaque and short; what is longer is not kept.
constexpr size_t kMaxRoutingInfoBytes = 4096;

bool IsFromServer(const Node& stanza) {
  return stanza.JidAttribute("from") == ServerJid();
}

}  // namespace

Housekeeper::Housekeeper(asio::any_io_executor strand, Device device,
                         ClientEvents* events, absl::Duration request_timeout)
    : strand_(std::move(strand)),
      request_timeout_(request_timeout),
      device_(std::move(device)),
      events_(events),
      changed_(strand_) {}

void Housekeeper::OnServer(ServerCertificate server) {
  if (server == device_.server) return;
  device_.server = std::move(server);
  TellDeviceChanged();
}

void Housekeeper::Attach(std::shared_ptr<Connection> connection) {
  connection_ = std::move(connection);
  connection_->SetOwnJid(device_.jid);
  asio::co_spawn(strand_, WatchEnd(shared_from_this(), connection_),
                 asio::detached);
}

asio::awaitable<void> Housekeeper::WatchEnd(
    std::shared_ptr<Housekeeper> self, std::shared_ptr<Connection> connection) {
  co_await connection->WaitUntilEnded();
  self->batch_delay_.reset();
  self->changed_.WakeAll();
}

void Housekeeper::Retire() { events_ = nullptr; }

void Housekeeper::TellDeviceChanged() {
  if (events_ != nullptr) events_->OnDeviceChanged(device_);
}

// ---- what comes ------------------------------------------------------------

void Housekeeper::OnStanza(const Node& stanza) {
  if (stanza.tag == "success") {
    OnSuccess(stanza);
  } else if (stanza.tag == "ib") {
    OnInfoBroadcast(stanza);
  } else if (stanza.tag == "notification") {
    OnNotification(stanza);
  }
  if (backlog_.OnStanza(stanza)) AskForBatchLater();
}

void Housekeeper::OnSuccess(const Node& success) {
  // The server may say it again; only the first counts.
  if (std::exchange(logged_in_, true)) return;
  const std::optional<Jid> lid = success.JidAttribute("lid");
  if (lid.has_value() && lid->IsLid() && !lid->user.empty()) device_.lid = *lid;
  ++device_.login_counter;
  TellDeviceChanged();
  changed_.WakeAll();
}

void Housekeeper::OnInfoBroadcast(const Node& ib) {
  for (const Node& child : ib.children()) {
    if (child.tag == "offline_preview") {
      if (backlog_.OnPreview(child)) {
        connection_->Send(MakeOfflineBatchRequest());
      }
    } else if (child.tag == "offline") {
      backlog_.OnComplete();
    } else if (child.tag == "edge_routing") {
      OnRoutingInfo(child);
    } else if (child.tag == "dirty") {
      OnDirty(child);
    } else if (child.tag == "client_expiration") {
      LogWarning("WhatsApp retires this client version at Unix time {}",
                 child.AttributeOr("t", "(not told)"));
    }
  }
}

void Housekeeper::AskForBatchLater() {
  batch_delay_.emplace(strand_, kOfflineBatchDelay, [this] {
    if (backlog_.OnDelayOver()) connection_->Send(MakeOfflineBatchRequest());
  });
}

void Housekeeper::OnRoutingInfo(const Node& edge_routing) {
  const Node* const info = edge_routing.FindChild("routing_info");
  if (info == nullptr) return;
  std::string routing_info = info->Data();
  if (routing_info.size() > kMaxRoutingInfoBytes ||
      routing_info == device_.routing_info) {
    return;
  }
  device_.routing_info = std::move(routing_info);
  TellDeviceChanged();
}

void Housekeeper::OnDirty(const Node& dirty) {
  Node clean = MakeNode("clean", {{"type", dirty.AttributeOr("type")}});
  if (std::optional<std::string> since = dirty.Attribute("timestamp")) {
    clean.SetAttribute("timestamp", *std::move(since));
  }
  Node iq = MakeNode("iq", {{"id", ids_.Next()},
                            {"xmlns", std::string("urn:xmpp:whatsapp:dirty")},
                            {"type", std::string("set")},
                            {"to", ServerJid()}});
  iq.AddChild(std::move(clean));
  // There is nothing to do about the answer.
  connection_->Send(std::move(iq));
}

void Housekeeper::OnNotification(const Node& notification) {
  for (const ContactNotice& notice : ParseContactNotices(notification)) {
    if (events_ != nullptr) events_->OnContactNotice(notice);
  }
  const std::string type = notification.AttributeOr("type");
  if (type == "encrypt" && IsFromServer(notification)) {
    // Prekeys run low.
    const Node* const count = notification.FindChild("count");
    if (count == nullptr || refilling_ ||
        count->NumberAttribute("value").value_or(0) >= kMinPrekeys) {
      return;
    }
    refilling_ = true;
    asio::co_spawn(strand_, Refill(shared_from_this()), asio::detached);
  }
}

// ---- what is done ----------------------------------------------------------

asio::awaitable<absl::Status> Housekeeper::AwaitSuccess(StreamEnd* end) {
  const absl::Time give_up = SteadyNow() + request_timeout_;
  while (!logged_in_ && !connection_->end().has_value()) {
    const absl::Duration left = give_up - SteadyNow();
    if (left <= absl::ZeroDuration()) {
      end->reason = absl::StrCat("login: neither success nor failure within ",
                                 absl::FormatDuration(request_timeout_));
      co_return absl::UnavailableError(end->reason);
    }
    co_await changed_.WaitFor(left);
  }
  co_return CheckAlive(end);
}

asio::awaitable<absl::Status> Housekeeper::MoveIn(StreamEnd* end) {
  // A notification that keys run low has to wait its turn.
  refilling_ = true;
  const absl::Status stocked = co_await StockPrekeys();
  refilling_ = false;
  if (!stocked.ok()) LogWarning("prekeys: {}", stocked.ToString());

  Node active = MakeNode("iq", {{"xmlns", std::string("passive")},
                                {"type", std::string("set")},
                                {"to", ServerJid()}});
  active.AddChild(MakeNode("active"));
  const absl::Status activated = co_await Do(std::move(active));
  if (!activated.ok()) LogWarning("<active/>: {}", activated.ToString());

  co_return CheckAlive(end);
}

absl::Status Housekeeper::CheckAlive(StreamEnd* end) const {
  if (!connection_->end().has_value()) return absl::OkStatus();
  *end = *connection_->end();
  return StatusOf(*end, "login");
}

asio::awaitable<absl::Status> Housekeeper::StockPrekeys() {
  Node query = MakePrekeyCountQuery();
  const absl::StatusOr<Node> answer =
      co_await connection_->Request(std::move(query), request_timeout_);
  CO_RETURN_IF_ERROR(answer.status());
  CO_RETURN_IF_ERROR(IqError(*answer));
  CO_ASSIGN_OR_RETURN(const uint64_t at_server, ParsePrekeyCount(*answer));
  const size_t wanted = PrekeysWanted(at_server, device_.prekeys.size());
  if (wanted == 0) co_return absl::OkStatus();
  const absl::Status uploaded = co_await UploadPrekeys(wanted);
  co_return uploaded;
}

asio::awaitable<absl::Status> Housekeeper::UploadPrekeys(size_t count) {
  const std::vector<Prekey> prekeys = DrawPrekeys(device_, count);
  // The private halves are stored first: the server may hand out a key whose
  // upload we never heard to have worked.
  TellDeviceChanged();
  Node upload = MakePrekeyUpload(device_, prekeys);
  const absl::Status uploaded = co_await Do(std::move(upload));
  co_return uploaded;
}

asio::awaitable<void> Housekeeper::Refill(std::shared_ptr<Housekeeper> self) {
  const absl::Status uploaded = co_await self->UploadPrekeys(kNextPrekeyBatch);
  self->refilling_ = false;
  if (!uploaded.ok()) LogWarning("prekeys: {}", uploaded.ToString());
}

asio::awaitable<absl::Status> Housekeeper::Do(Node iq) {
  const absl::StatusOr<Node> answer =
      co_await connection_->Request(std::move(iq), request_timeout_);
  CO_RETURN_IF_ERROR(answer.status());
  co_return IqError(*answer);
}

}  // namespace portrait::whatsapp
