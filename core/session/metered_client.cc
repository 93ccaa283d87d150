#include "core/session/metered_client.h"

#include <utility>
#include <vector>

#include "core/base/steady_time.h"

namespace portrait {
namespace {

namespace asio = boost::asio;
using whatsapp::Jid;
using whatsapp::StreamEnd;

// The status to report for an answer: its first error.
absl::Status FirstErrorOf(const whatsapp::UsyncAnswer& answer) {
  for (const auto* error : {&answer.contact_error, &answer.lid_error,
                            &answer.business_error, &answer.picture_error}) {
    if (error->has_value()) return StatusOf(**error);
  }
  return absl::OkStatus();
}
template <typename Answer>
absl::Status FirstErrorOf(const Answer&) {
  return absl::OkStatus();
}

class MeteredClient final : public whatsapp::Client {
 public:
  MeteredClient(std::unique_ptr<whatsapp::Client> client,
                QueryObserver& observer)
      : client_(std::move(client)), observer_(observer) {}

  asio::awaitable<absl::StatusOr<whatsapp::UsyncAnswer>> FetchUsync(
      whatsapp::UsyncQuery query) override {
    const size_t contacts = query.contacts.size();
    return Meter(QueryKind::kUsync, contacts,
                 client_->FetchUsync(std::move(query)));
  }
  asio::awaitable<absl::StatusOr<whatsapp::PictureAnswer>> FetchPicture(
      whatsapp::PictureQuery query) override {
    return Meter(QueryKind::kPicture, 1,
                 client_->FetchPicture(std::move(query)));
  }
  asio::awaitable<absl::StatusOr<whatsapp::GroupPictures>> FetchGroupPictures(
      std::vector<Jid> groups, whatsapp::PictureType type) override {
    const size_t contacts = groups.size();
    return Meter(QueryKind::kGroupPictures, contacts,
                 client_->FetchGroupPictures(std::move(groups), type));
  }
  asio::awaitable<absl::StatusOr<whatsapp::ChannelAnswer>> FetchChannel(
      Jid channel) override {
    return Meter(QueryKind::kChannel, 1,
                 client_->FetchChannel(std::move(channel)));
  }

  bool HasPrivacyToken(const Jid& pn, const Jid& lid) const override {
    return client_->HasPrivacyToken(pn, lid);
  }
  void Forget(const Jid& contact) override { client_->Forget(contact); }
  asio::awaitable<absl::Status> Logout() override { return client_->Logout(); }
  asio::awaitable<StreamEnd> WaitUntilEnded() override {
    StreamEnd end = co_await client_->WaitUntilEnded();
    if (end.kind == StreamEnd::Kind::kProtocolError) {
      observer_.OnProtocolError();
    }
    co_return end;
  }
  bool ended() const override { return client_->ended(); }
  void Close() override { client_->Close(); }
  const whatsapp::Device& device() const override { return client_->device(); }
  const whatsapp::AbProps& props() const override { return client_->props(); }

 private:
  // Awaits `asked` and reports its result; the client outlives its queries.
  template <typename Answer>
  asio::awaitable<absl::StatusOr<Answer>> Meter(
      QueryKind kind, size_t contacts,
      asio::awaitable<absl::StatusOr<Answer>> asked) {
    const absl::Time begin = SteadyNow();
    absl::StatusOr<Answer> answer = co_await std::move(asked);
    observer_.OnQuery(kind, contacts,
                      answer.ok() ? FirstErrorOf(*answer) : answer.status(),
                      SteadyNow() - begin);
    co_return answer;
  }

  const std::unique_ptr<whatsapp::Client> client_;
  QueryObserver& observer_;
};

}  // namespace

std::unique_ptr<whatsapp::Client> Metered(
    std::unique_ptr<whatsapp::Client> client, QueryObserver* observer) {
  if (observer == nullptr) return client;
  return std::make_unique<MeteredClient>(std::move(client), *observer);
}

}  // namespace portrait
