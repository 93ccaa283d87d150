#include "core/whatsapp/client.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "core/base/status_macros.h"
#include "core/base/utf8.h"
#include "core/whatsapp/client_payload.h"
#include "core/whatsapp/companion_tasks.h"
#include "core/whatsapp/iq_error.h"
#include "core/whatsapp/privacy_token.h"
#include "core/whatsapp/request_ids.h"

namespace portrait::whatsapp {
namespace {

namespace asio = boost::asio;

absl::Status RefuseAnnouncements() {
  return absl::InvalidArgumentError(
      "0@s.whatsapp.net is WhatsApp's own account, which answers no queries");
}

// The coroutines below hold the connection but not the client, which may be
// destroyed while they wait.

asio::awaitable<absl::StatusOr<Node>> Ask(
    std::shared_ptr<Connection> connection, Node iq, absl::Duration timeout,
    absl::string_view what) {  // a string literal
  absl::StatusOr<Node> answer =
      co_await connection->Request(std::move(iq), timeout);
  if (!answer.ok()) {
    co_return absl::Status(answer.status().code(),
                           absl::StrCat(what, ": ", answer.status().message()));
  }
  if (answer->tag != "iq") {
    co_return absl::InvalidArgumentError(absl::StrCat(
        what, ": refused with <", answer->tag, " error=\"",
        Presentable(answer->AttributeOr("error"), kMaxErrorTextBytes), "\">"));
  }
  co_return answer;
}

asio::awaitable<absl::StatusOr<UsyncAnswer>> AskUsync(
    std::shared_ptr<Connection> connection, absl::Duration timeout,
    UsyncQuery query, std::string sid) {
  if (query.contacts.empty()) {
    co_return absl::InvalidArgumentError("usync query: no contacts");
  }
  std::vector<Jid> asked;
  for (const UsyncContact& contact : query.contacts) {
    if (contact.jid.IsAnnouncements()) co_return RefuseAnnouncements();
    asked.push_back(contact.jid);
  }
  Node iq = MakeUsyncQuery(query, sid);
  const absl::StatusOr<Node> answer = co_await Ask(
      std::move(connection), std::move(iq), timeout, "usync query");
  CO_RETURN_IF_ERROR(answer.status());
  absl::StatusOr<UsyncAnswer> facts = ParseUsyncAnswer(*answer, asked);
  if (facts.ok() && !query.business) {
    for (UsyncUser& user : facts->users) user.business.error = ProtocolError();
  }
  co_return facts;
}

asio::awaitable<absl::StatusOr<PictureAnswer>> AskPicture(
    std::shared_ptr<Connection> connection, absl::Duration timeout,
    PictureQuery query) {
  if (query.target.IsAnnouncements()) co_return RefuseAnnouncements();
  Node iq = MakePictureQuery(query);
  const absl::StatusOr<Node> answer = co_await Ask(
      std::move(connection), std::move(iq), timeout, "picture query");
  CO_RETURN_IF_ERROR(answer.status());
  co_return ParsePictureAnswer(*answer, query);
}

asio::awaitable<absl::StatusOr<GroupPictures>> AskGroupPictures(
    std::shared_ptr<Connection> connection, absl::Duration timeout,
    std::vector<Jid> groups, PictureType type) {
  if (groups.empty() || groups.size() > kMaxGroupsInQuery) {
    co_return absl::InvalidArgumentError(
        absl::StrCat("group pictures: ", groups.size(), " groups, not 1 to ",
                     kMaxGroupsInQuery));
  }
  Node iq = MakeGroupPicturesQuery(groups, type);
  const absl::StatusOr<Node> answer = co_await Ask(
      std::move(connection), std::move(iq), timeout, "group pictures");
  CO_RETURN_IF_ERROR(answer.status());
  co_return ParseGroupPicturesAnswer(*answer, groups);
}

asio::awaitable<absl::StatusOr<ChannelAnswer>> AskChannel(
    std::shared_ptr<Connection> connection, absl::Duration timeout,
    Jid channel) {
  Node iq = MakeChannelQuery(channel);
  const absl::StatusOr<Node> answer = co_await Ask(
      std::move(connection), std::move(iq), timeout, "channel query");
  CO_RETURN_IF_ERROR(answer.status());
  co_return ParseChannelAnswer(*answer);
}

asio::awaitable<absl::Status> Unlink(std::shared_ptr<Connection> connection,
                                     absl::Duration timeout, Jid own_jid) {
  Node iq = MakeNode("iq", {{"xmlns", std::string("md")},
                            {"type", std::string("set")},
                            {"to", ServerJid()}});
  iq.AddChild(MakeNode("remove-companion-device",
                       {{"jid", std::move(own_jid)},
                        {"reason", std::string("user_initiated")}}));
  const absl::StatusOr<Node> answer =
      co_await Ask(connection, std::move(iq), timeout, "logout");
  if (absl::IsUnavailable(answer.status())) {
    // If the device is no longer linked, the server may end the stream before
    // it answers.
    const StreamEnd end = co_await connection->WaitUntilEnded();
    if (end.kind == StreamEnd::Kind::kLoggedOut) co_return absl::OkStatus();
  }
  CO_RETURN_IF_ERROR(answer.status());
  co_return IqError(*answer);
}

class LoggedInClient final : public Client {
 public:
  LoggedInClient(std::shared_ptr<Connection> connection,
                 std::shared_ptr<CompanionTasks> companion,
                 absl::Duration request_timeout)
      : connection_(std::move(connection)),
        companion_(std::move(companion)),
        request_timeout_(request_timeout) {}

  ~LoggedInClient() override {
    companion_->StopEvents();
    Close();
  }

  asio::awaitable<absl::StatusOr<UsyncAnswer>> FetchUsync(
      UsyncQuery query) override {
    return AskUsync(connection_, request_timeout_, std::move(query),
                    sids_.Next());
  }

  asio::awaitable<absl::StatusOr<PictureAnswer>> FetchPicture(
      PictureQuery query) override {
    const Jid target = query.target.WithoutDevice();
    const PrivacyToken* const token = target.IsLid()
                                          ? TokenOf(query.alias, target)
                                          : TokenOf(target, query.alias);
    if (token != nullptr) {
      query.privacy_token = token->bytes;
      if (props().token_with_time) query.privacy_token_time = token->issued_at;
    }
    return AskPicture(connection_, request_timeout_, std::move(query));
  }

  asio::awaitable<absl::StatusOr<GroupPictures>> FetchGroupPictures(
      std::vector<Jid> groups, PictureType type) override {
    return AskGroupPictures(connection_, request_timeout_, std::move(groups),
                            type);
  }

  asio::awaitable<absl::StatusOr<ChannelAnswer>> FetchChannel(
      Jid channel) override {
    return AskChannel(connection_, request_timeout_, std::move(channel));
  }

  bool HasPrivacyToken(const Jid& pn, const Jid& lid) const override {
    return TokenOf(pn, lid) != nullptr;
  }
  void Forget(const Jid& contact) override { companion_->Forget(contact); }

  asio::awaitable<absl::Status> Logout() override {
    return Unlink(connection_, request_timeout_, device().jid);
  }

  asio::awaitable<StreamEnd> WaitUntilEnded() override {
    return connection_->WaitUntilEnded();
  }
  bool ended() const override { return connection_->end().has_value(); }

  void Close() override {
    StreamEnd end;
    end.reason = "closed by its owner";
    connection_->Close(std::move(end));
  }

  const Device& device() const override { return companion_->device(); }
  const AbProps& props() const override { return companion_->props(); }

 private:
  // The token for a query about that contact; null: none. WhatsApp never
  // answers a query with a token about the account's own picture.
  const PrivacyToken* TokenOf(const Jid& pn, const Jid& lid) const {
    if (!props().token_with_picture) return nullptr;
    for (const Jid& jid : {pn, lid}) {
      if (!jid.user.empty() &&
          !MayCarryPrivacyToken(jid, device().jid, device().lid)) {
        return nullptr;
      }
    }
    return device().privacy_tokens.FindToken(
        pn, lid, absl::Now(), {props().token_bucket, props().token_buckets});
  }

  const std::shared_ptr<Connection> connection_;
  const std::shared_ptr<CompanionTasks> companion_;
  const absl::Duration request_timeout_;
  RequestIds sids_;
};

}  // namespace

asio::awaitable<absl::StatusOr<std::unique_ptr<Client>>> Client::Login(
    asio::any_io_executor strand, ConnectionOptions options, Device device,
    ClientEvents* events, StreamEnd* end) {
  *end = StreamEnd();
  const absl::Duration timeout = options.request_timeout;
  std::string payload =
      LoginPayload(device, options.version, device.appearance);
  auto companion =
      std::make_shared<CompanionTasks>(strand, device, events, options);
  // The pointer is weak, because the companion holds the connection, which
  // holds this handler.
  Connection::StanzaHandler on_stanza =
      [weak = std::weak_ptr(companion)](const Node& stanza) {
        if (auto keeper = weak.lock()) keeper->OnStanza(stanza);
      };
  // 1. Connect as the device.
  ServerCertificate server;
  if (options.resume) server = device.server;
  absl::StatusOr<std::shared_ptr<Connection>> connection =
      co_await Connection::Open(strand, std::move(options), std::move(device),
                                std::move(payload), std::move(on_stanza),
                                &server);
  companion->OnServer(std::move(server));
  if (!connection.ok()) {
    end->reason = std::string(connection.status().message());
    co_return connection.status();
  }
  companion->Attach(*connection);
  // From here on the client's destructor ends the stream, even on an early
  // return.
  auto client = std::make_unique<LoggedInClient>(*std::move(connection),
                                                 companion, timeout);
  // 2. Wait until WhatsApp accepts the device or refuses it.
  CO_RETURN_IF_ERROR(co_await companion->AwaitSuccess(end));
  // 3. Do the tasks with which every client starts.
  CO_RETURN_IF_ERROR(co_await companion->FinishLogin(end));
  co_return std::unique_ptr<Client>(std::move(client));
}

}  // namespace portrait::whatsapp
