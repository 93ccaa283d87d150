#include "core/whatsapp/client.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "core/base/status_macros.h"
#include "core/whatsapp/client_payload.h"
#include "core/whatsapp/housekeeper.h"
#include "core/whatsapp/request_ids.h"

namespace portrait::whatsapp {
namespace {

namespace asio = boost::asio;

// WhatsApp's own announcements. It never answers a question about them.
bool IsAnnouncements(const Jid& jid) {
  return jid.user == "0" &&
         (jid.server == kUserServer || jid.server == kLegacyUserServer);
}

absl::Status RefuseAnnouncements() {
  return absl::InvalidArgumentError(
      "0@s.whatsapp.net is WhatsApp itself, which answers no question");
}

// The coroutines below hold the connection and nothing of the client, which may
// go while they wait.

asio::awaitable<absl::StatusOr<Node>> Ask(
    std::shared_ptr<Connection> connection, Node iq, absl::Duration timeout,
    absl::string_view what) {  // a literal
  absl::StatusOr<Node> answer =
      co_await connection->Request(std::move(iq), timeout);
  if (!answer.ok()) {
    co_return absl::Status(answer.status().code(),
                           absl::StrCat(what, ": ", answer.status().message()));
  }
  if (answer->tag != "iq") {
    co_return absl::InvalidArgumentError(
        absl::StrCat(what, ": refused with <", answer->tag, " error=\"",
                     answer->AttributeOr("error"), "\">"));
  }
  co_return answer;
}

asio::awaitable<absl::StatusOr<UsyncAnswer>> AskUsync(
    std::shared_ptr<Connection> connection, absl::Duration timeout,
    std::vector<Jid> contacts, std::string sid) {
  if (contacts.empty()) {
    co_return absl::InvalidArgumentError("usync query: no contacts");
  }
  for (const Jid& contact : contacts) {
    if (IsAnnouncements(contact)) co_return RefuseAnnouncements();
  }
  Node iq = MakeUsyncQuery(contacts, sid);
  const absl::StatusOr<Node> answer = co_await Ask(
      std::move(connection), std::move(iq), timeout, "usync query");
  CO_RETURN_IF_ERROR(answer.status());
  co_return ParseUsyncAnswer(*answer, contacts);
}

asio::awaitable<absl::StatusOr<PictureAnswer>> AskPicture(
    std::shared_ptr<Connection> connection, absl::Duration timeout,
    PictureQuery query) {
  if (IsAnnouncements(query.target)) co_return RefuseAnnouncements();
  Node iq = MakePictureQuery(query);
  const absl::StatusOr<Node> answer = co_await Ask(
      std::move(connection), std::move(iq), timeout, "picture query");
  CO_RETURN_IF_ERROR(answer.status());
  co_return ParsePictureAnswer(*answer, query);
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
    // The server may end the stream of a device that is none any more before
    // its answer comes.
    const StreamEnd end = co_await connection->WaitUntilEnded();
    if (end.kind == StreamEnd::Kind::kLoggedOut) co_return absl::OkStatus();
  }
  CO_RETURN_IF_ERROR(answer.status());
  co_return IqError(*answer);
}

class LoggedInClient final : public Client {
 public:
  LoggedInClient(std::shared_ptr<Connection> connection,
                 std::shared_ptr<Housekeeper> housekeeper,
                 absl::Duration request_timeout)
      : connection_(std::move(connection)),
        housekeeper_(std::move(housekeeper)),
        request_timeout_(request_timeout) {}

  ~LoggedInClient() override {
    housekeeper_->Retire();
    Close();
  }

  asio::awaitable<absl::StatusOr<UsyncAnswer>> FetchUsync(
      std::vector<Jid> contacts) override {
    return AskUsync(connection_, request_timeout_, std::move(contacts),
                    sids_.Next());
  }

  asio::awaitable<absl::StatusOr<PictureAnswer>> FetchPicture(
      PictureQuery query) override {
    // Asked for our own picture with a token, WhatsApp never answers.
    const Jid target = query.target.WithoutDevice();
    if (target == device().jid.WithoutDevice() ||
        target == device().lid.WithoutDevice()) {
      query.privacy_token.clear();
    }
    return AskPicture(connection_, request_timeout_, std::move(query));
  }

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

  const Device& device() const override { return housekeeper_->device(); }
  const AbProps& props() const override { return housekeeper_->props(); }

 private:
  const std::shared_ptr<Connection> connection_;
  const std::shared_ptr<Housekeeper> housekeeper_;
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
      LoginPayload(device, options.version, options.appearance);
  auto housekeeper =
      std::make_shared<Housekeeper>(strand, device, events, options);
  // Weak: the housekeeper holds the connection, which holds this.
  Connection::StanzaHandler on_stanza =
      [weak = std::weak_ptr(housekeeper)](const Node& stanza) {
        if (auto keeper = weak.lock()) keeper->OnStanza(stanza);
      };
  // 1. Connect as the device.
  ServerCertificate server;
  if (options.resume) server = device.server;
  absl::StatusOr<std::shared_ptr<Connection>> connection =
      co_await Connection::Open(strand, std::move(options), std::move(device),
                                std::move(payload), std::move(on_stanza),
                                &server);
  housekeeper->OnServer(std::move(server));
  if (!connection.ok()) {
    end->reason = std::string(connection.status().message());
    co_return connection.status();
  }
  housekeeper->Attach(*connection);
  // From here on the stream ends with the client, also on an early return.
  auto client = std::make_unique<LoggedInClient>(*std::move(connection),
                                                 housekeeper, timeout);
  // 2. WhatsApp takes it or says why not.
  CO_RETURN_IF_ERROR(co_await housekeeper->AwaitSuccess(end));
  // 3. What every client does first.
  CO_RETURN_IF_ERROR(co_await housekeeper->MoveIn(end));
  co_return std::unique_ptr<Client>(std::move(client));
}

}  // namespace portrait::whatsapp
