#include "core/whatsapp/companion_tasks.h"

#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/base/steady_time.h"
#include "core/base/telemetry.h"
#include "core/whatsapp/contact_notice.h"
#include "core/whatsapp/name_text.h"
#include "core/whatsapp/prekeys.h"
#include "core/whatsapp/queries.h"
#include "core/whatsapp/stream_status.h"

namespace portrait::whatsapp {
namespace {

namespace asio = boost::asio;

// The info is opaque and short; a longer text is not stored.
constexpr size_t kMaxRoutingInfoBytes = 4096;

constexpr size_t kMaxRefreshIdBytes = 64;
constexpr size_t kMaxUnclean = 16;
// Later than any time that a server's clock can show.
constexpr uint64_t kMaxUnixSeconds = 1ULL << 40;
// WhatsApp Web waits this long for the stanzas that were queued for it.
constexpr absl::Duration kBacklogTimeout = absl::Seconds(60);

// Tokens that come within this time are stored together.
constexpr absl::Duration kTokenDelay = absl::Seconds(1);

// WhatsApp Web's mark of a new session, which is about telemetry alone.
Node MakeUnifiedSession(absl::Time server_now) {
  Node ib = MakeNode("ib");
  ib.AddChild(
      MakeNode("unified_session", {{"id", UnifiedSessionId(server_now)}}));
  return ib;
}

}  // namespace

CompanionTasks::CompanionTasks(asio::any_io_executor strand, Device device,
                               ClientEvents* events,
                               const ConnectionOptions& options)
    : strand_(std::move(strand)),
      request_timeout_(options.request_timeout),
      clock_(options.clock),
      device_(std::move(device)),
      events_(events),
      keys_(
          strand_, &device_, [this] { TellDeviceChanged(); }, options),
      changed_(strand_) {}

void CompanionTasks::OnServer(ServerCertificate server) {
  if (server == device_.server) return;
  device_.server = std::move(server);
  TellDeviceChanged();
}

void CompanionTasks::Attach(std::shared_ptr<Connection> connection) {
  connection_ = std::move(connection);
  connection_->SetOwnJid(device_.jid);
  keys_.Attach(connection_);
  asio::co_spawn(strand_, WatchEnd(shared_from_this(), connection_),
                 asio::detached);
}

asio::awaitable<void> CompanionTasks::WatchEnd(
    std::shared_ptr<CompanionTasks> self,
    std::shared_ptr<Connection> connection) {
  co_await connection->WaitUntilEnded();
  self->batch_delay_.reset();
  self->keys_.OnEnd();
  self->changed_.WakeAll();
}

void CompanionTasks::StopEvents() {
  if (token_delay_.has_value() && !token_delay_->expired()) TellDeviceChanged();
  events_ = nullptr;
}

void CompanionTasks::TellDeviceChanged() {
  if (events_ != nullptr) events_->OnDeviceChanged(device_);
}

// ---- received stanzas
// ------------------------------------------------------------

void CompanionTasks::OnStanza(const Node& stanza) {
  if (stanza.tag == "success") {
    OnSuccess(stanza);
  } else if (stanza.tag == "ib") {
    OnInfoBroadcast(stanza);
  } else if (stanza.tag == "notification") {
    OnNotification(stanza);
  }
  if (backlog_.OnStanza(stanza)) AskForBatchLater();
}

void CompanionTasks::OnSuccess(const Node& success) {
  // The server may repeat <success>; only the first counts.
  if (std::exchange(logged_in_, true)) return;
  const std::optional<Jid> lid = success.JidAttribute("lid");
  if (lid.has_value() && lid->IsLid() && !lid->user.empty()) device_.lid = *lid;
  ++device_.login_counter;
  TellDeviceChanged();
  refresh_id_ = success.AttributeOr("abprops");
  if (refresh_id_.size() > kMaxRefreshIdBytes) refresh_id_.clear();
  const std::optional<uint64_t> time = success.NumberAttribute("t");
  if (time.has_value() && *time <= kMaxUnixSeconds) {
    // The server's time has whole seconds; the fraction is that of our clock.
    server_ahead_ = absl::Trunc(
        absl::FromUnixSeconds(static_cast<int64_t>(*time)) - clock_(),
        absl::Seconds(1));
  }
  changed_.WakeAll();
}

void CompanionTasks::OnInfoBroadcast(const Node& ib) {
  for (const Node& child : ib.children()) {
    if (child.tag == "offline_preview") {
      if (backlog_.OnPreview(child)) {
        connection_->Send(MakeOfflineBatchRequest());
      }
    } else if (child.tag == "offline") {
      backlog_.OnComplete();
      changed_.WakeAll();
    } else if (child.tag == "edge_routing") {
      OnRoutingInfo(child);
    } else if (child.tag == "dirty") {
      OnDirty(child);
    } else if (child.tag == "client_expiration") {
      OnClientExpiration(child);
    }
  }
  // After a login, dirty items wait until the queued stanzas have arrived.
  if (backlog_.complete()) CleanAll();
}

void CompanionTasks::AskForBatchLater() {
  batch_delay_.emplace(strand_, kOfflineBatchDelay, [this] {
    if (backlog_.OnDelayOver()) connection_->Send(MakeOfflineBatchRequest());
  });
}

void CompanionTasks::OnClientExpiration(const Node& expiration) {
  const std::optional<uint64_t> time = expiration.NumberAttribute("t");
  // A stanza without a time withdraws the warning.
  if (!time.has_value() || *time > kMaxUnixSeconds) return;
  LogWarning("WhatsApp will refuse this client version from {} on",
             absl::FormatTime(
                 "%Y-%m-%d", absl::FromUnixSeconds(static_cast<int64_t>(*time)),
                 absl::UTCTimeZone()));
}

void CompanionTasks::OnRoutingInfo(const Node& edge_routing) {
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

void CompanionTasks::OnDirty(const Node& dirty) {
  const std::string type = dirty.AttributeOr("type");
  if (type.empty() || unclean_.size() >= kMaxUnclean) return;
  unclean_.push_back(dirty);
}

void CompanionTasks::CleanAll() {
  if (unclean_.empty()) return;
  Node iq = MakeNode("iq", {{"id", ids_.Next()},
                            {"xmlns", std::string("urn:xmpp:whatsapp:dirty")},
                            {"type", std::string("set")},
                            {"to", ServerJid()}});
  for (const Node& dirty : std::exchange(unclean_, {})) {
    Node clean = MakeNode("clean", {{"type", dirty.AttributeOr("type")}});
    if (std::optional<std::string> since = dirty.Attribute("timestamp")) {
      clean.SetAttribute("timestamp", *std::move(since));
    }
    iq.AddChild(std::move(clean));
  }
  // The reply needs no action.
  connection_->Send(std::move(iq));
}

void CompanionTasks::OnNotification(const Node& notification) {
  for (const ContactNotice& notice : ParseContactNotices(notification)) {
    if (events_ != nullptr) events_->OnContactNotice(notice);
  }
  for (PrivacyToken& token : ParsePrivacyTokens(notification)) {
    KeepToken(std::move(token));
  }
  const std::string type = notification.AttributeOr("type");
  if (type == "encrypt") {
    keys_.OnNotification(notification);
  } else if (type == "account_sync") {
    OnPushName(notification.AttributeOr("pushname"));
  }
}

void CompanionTasks::OnPushName(std::string name) {
  name = NameText(name);
  if (name.empty() || name == device_.push_name) return;
  device_.push_name = std::move(name);
  TellDeviceChanged();
}

void CompanionTasks::KeepToken(PrivacyToken token) {
  const absl::Time now = absl::Now();
  PrivacyTokens& tokens = device_.privacy_tokens;
  const PrivacyTokenLife life = {props().token_bucket, props().token_buckets};
  const bool is_first = tokens.Find(token.pn, token.lid, now, life).empty();
  ContactNotice notice;
  notice.jid = token.pn.user.empty() ? token.lid : token.pn;
  notice.lid = token.lid;
  // A picture that was hidden may be visible with the token.
  notice.outdated = true;
  if (!tokens.Keep(std::move(token), now, life)) return;
  if (is_first && events_ != nullptr) events_->OnContactNotice(notice);
  if (token_delay_.has_value() && !token_delay_->expired()) return;
  token_delay_.emplace(strand_, kTokenDelay, [this] { TellDeviceChanged(); });
}

void CompanionTasks::Forget(const Jid& contact) {
  if (device_.privacy_tokens.Forget(contact)) TellDeviceChanged();
}

// ---- tasks ----------------------------------------------------------

asio::awaitable<absl::Status> CompanionTasks::AwaitSuccess(StreamEnd* end) {
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

asio::awaitable<absl::Status> CompanionTasks::FinishLogin(StreamEnd* end) {
  if (IsLoginPassive(device_)) co_await RunPassiveTasks();
  asio::co_spawn(strand_, RunAfterLogin(shared_from_this()), asio::detached);
  co_return CheckAlive(end);
}

asio::awaitable<void> CompanionTasks::RunPassiveTasks() {
  if (IsMissingPrekeys(device_)) {
    const absl::Status uploaded = co_await keys_.UploadFirst();
    if (!uploaded.ok()) LogWarning("prekeys: {}", uploaded.ToString());
  }
  if (!props().fetched()) {
    const absl::Status fetched = co_await FetchProps();
    if (!fetched.ok()) LogInfo("AB props: {}", fetched.ToString());
  }
  const absl::Status activated = co_await BecomeActive();
  if (!activated.ok()) LogWarning("<active/>: {}", activated.ToString());
}

asio::awaitable<absl::Status> CompanionTasks::BecomeActive() {
  Node active = MakeNode("iq", {{"xmlns", std::string("passive")},
                                {"type", std::string("set")},
                                {"to", ServerJid()}});
  active.AddChild(MakeNode("active"));
  const absl::StatusOr<Node> answer =
      co_await connection_->Request(std::move(active), request_timeout_);
  CO_RETURN_IF_ERROR(answer.status());
  co_return IqError(*answer);
}

asio::awaitable<void> CompanionTasks::RunAfterLogin(
    std::shared_ptr<CompanionTasks> self) {
  co_await self->AwaitBacklog();
  if (self->connection_->end().has_value()) co_return;
  self->backlog_.OnComplete();
  self->MarkSession();
  self->CleanAll();
  asio::co_spawn(self->strand_,
                 PrekeyMaintainer::Run(
                     std::shared_ptr<PrekeyMaintainer>(self, &self->keys_)),
                 asio::detached);
  co_await self->KeepPropsFresh();
}

// AB props are fetched if the server's props differ from the stored ones, and
// again after the interval that the server sent.
asio::awaitable<void> CompanionTasks::KeepPropsFresh() {
  while (!connection_->end().has_value()) {
    const absl::Duration wait =
        ArePropsOutdated() ? absl::ZeroDuration() : props().due - clock_();
    if (wait > absl::ZeroDuration()) {
      co_await changed_.WaitFor(wait);
      continue;
    }
    const absl::Status fetched = co_await FetchProps();
    if (fetched.ok()) continue;
    LogInfo("AB props: {}", fetched.ToString());
    co_return;
  }
}

bool CompanionTasks::ArePropsOutdated() const {
  return !refresh_id_.empty() && refresh_id_ != props().refresh_id;
}

// WhatsApp Web sends the mark once per page load, not after each reconnect.
void CompanionTasks::MarkSession() {
  if (std::exchange(device_.session_marked, true)) return;
  connection_->Send(MakeUnifiedSession(clock_() + server_ahead_));
  TellDeviceChanged();
}

asio::awaitable<void> CompanionTasks::AwaitBacklog() {
  const absl::Time give_up = SteadyNow() + kBacklogTimeout;
  while (!backlog_.complete() && !connection_->end().has_value()) {
    const absl::Duration left = give_up - SteadyNow();
    if (left <= absl::ZeroDuration()) break;
    co_await changed_.WaitFor(left);
  }
}

asio::awaitable<absl::Status> CompanionTasks::FetchProps() {
  Node query = MakeAbPropsQuery(props(), /*whole=*/ArePropsOutdated());
  const absl::StatusOr<Node> answer =
      co_await connection_->Request(std::move(query), request_timeout_);
  CO_RETURN_IF_ERROR(answer.status());
  CO_RETURN_IF_ERROR(ApplyAbProps(*answer, clock_(), device_.ab_props));
  device_.ab_props.refresh_id = refresh_id_;
  TellDeviceChanged();
  co_return absl::OkStatus();
}

absl::Status CompanionTasks::CheckAlive(StreamEnd* end) const {
  if (!connection_->end().has_value()) return absl::OkStatus();
  *end = *connection_->end();
  return StatusOf(*end, "login");
}

}  // namespace portrait::whatsapp
