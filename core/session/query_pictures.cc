// QueryWorker's picture queries: image and preview at once, as WhatsApp Web
// asks; with --lean-picture-queries one query at a time.
#include <array>
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "core/session/query_worker.h"
#include "core/whatsapp/signal.h"

namespace portrait {
namespace {

namespace asio = boost::asio;

}  // namespace

// The answer to one query of a pair, when it has come.
struct QueryWorker::PictureReply {
  explicit PictureReply(const asio::any_io_executor& strand)
      : arrived(strand) {}

  std::optional<absl::StatusOr<whatsapp::PictureAnswer>> answer;
  whatsapp::Signal arrived;
};

asio::awaitable<void> QueryWorker::AskPicture(std::shared_ptr<QueryWorker> self,
                                              PlannedContact contact,
                                              absl::Time sent_at) {
  whatsapp::PictureQuery query = contact.plan.queries.front();
  const absl::StatusOr<whatsapp::PictureAnswer> answer =
      co_await self->client_->FetchPicture(std::move(query));
  if (answer.ok()) {
    self->limits_.pictures.OnAnswered(sent_at);
    ApplyPicture(*answer, self->Seen(), &contact.plan);
    self->Await(std::move(contact.task), std::move(contact.plan));
  } else {
    self->OnNoPicture(answer.status(), sent_at, std::move(contact.task));
  }
  self->OnQueryDone();
}

asio::awaitable<void> QueryWorker::AskPicturePair(
    std::shared_ptr<QueryWorker> self, PlannedContact contact,
    absl::Time sent_at) {
  std::array<std::shared_ptr<PictureReply>, kPicturePair> replies;
  for (size_t i = 0; i < kPicturePair; ++i) {
    replies[i] = std::make_shared<PictureReply>(self->strand_);
    asio::co_spawn(self->strand_,
                   FetchInto(self, contact.plan.queries[i], replies[i]),
                   asio::detached);
  }
  for (const std::shared_ptr<PictureReply>& reply : replies) {
    while (!reply->answer.has_value()) co_await reply->arrived.Wait();
  }
  self->OnPicturePair(*replies[0]->answer, *replies[1]->answer, sent_at,
                      std::move(contact));
  self->OnQueryDone(kPicturePair);
}

asio::awaitable<void> QueryWorker::FetchInto(
    std::shared_ptr<QueryWorker> self, whatsapp::PictureQuery query,
    std::shared_ptr<PictureReply> reply) {
  reply->answer = co_await self->client_->FetchPicture(std::move(query));
  reply->arrived.WakeAll();
}

void QueryWorker::OnPicturePair(
    const absl::StatusOr<whatsapp::PictureAnswer>& image,
    const absl::StatusOr<whatsapp::PictureAnswer>& preview, absl::Time sent_at,
    PlannedContact contact) {
  // If one of the queries has failed, the whole lookup fails.
  for (const auto* answer : {&image, &preview}) {
    if (answer->ok()) continue;
    OnNoPicture(answer->status(), sent_at, std::move(contact.task));
    return;
  }
  limits_.pictures.OnAnswered(sent_at);
  ContactPlan& plan = contact.plan;
  ApplyPicture(*image, Seen(), &plan);
  if (plan.queries.size() == 1) {
    ApplyPicture(*preview, Seen(), &plan);
  } else if (plan.queries.size() == kPicturePair) {
    // Both are asked for again, in the form for a community.
    plan.queries[1].as_community = plan.queries[0].as_community;
  }
  Await(std::move(contact.task), std::move(plan));
}

void QueryWorker::OnNoPicture(const absl::Status& error, absl::Time sent_at,
                              ContactTask task) {
  if (!absl::IsPermissionDenied(error)) {
    OnPictureError(error, sent_at, std::move(task));
    return;
  }
  // 403: every account gets the same answer.
  limits_.pictures.OnAnswered(sent_at);
  LookupFailure why = FailureOf(error);
  why.retry_after = absl::ZeroDuration();
  Refuse(std::move(task), std::move(why));
}

asio::awaitable<void> QueryWorker::AskChannel(std::shared_ptr<QueryWorker> self,
                                              PlannedContact contact,
                                              absl::Time sent_at) {
  whatsapp::Jid channel = contact.task.contact.jid;
  const absl::StatusOr<whatsapp::ChannelAnswer> answer =
      co_await self->client_->FetchChannel(std::move(channel));
  if (answer.ok()) {
    self->limits_.pictures.OnAnswered(sent_at);
    ApplyChannel(*answer, self->options_.picture_server, self->Seen(),
                 &contact.plan);
    self->Await(std::move(contact.task), std::move(contact.plan));
  } else {
    self->OnPictureError(answer.status(), sent_at, std::move(contact.task));
  }
  self->OnQueryDone();
}

}  // namespace portrait
