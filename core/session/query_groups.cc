// The part of QueryWorker that asks about groups: usync does not support them,
// but one query asks for the pictures of a thousand.
#include <algorithm>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "core/session/query_worker.h"

namespace portrait {
namespace {

namespace asio = boost::asio;

}  // namespace

void QueryWorker::SendGroups() {
  while (!groups_.empty() && in_flight_ < options_.max_queries_in_flight &&
         limits_.pictures.Allowed() &&
         groups_.UntilDue(in_flight_ == 0) <= absl::ZeroDuration()) {
    std::vector<PlannedContact> groups = groups_.Take();
    if (groups.size() == 1) {
      // A query for one group can be answered "unchanged".
      Await(std::move(groups[0].task), std::move(groups[0].plan));
      continue;
    }
    limits_.pictures.Acquire();
    ++in_flight_;
    asio::co_spawn(strand_,
                   AskGroups(shared_from_this(), std::move(groups),
                             options_.clocks.steady()),
                   asio::detached);
  }
}

asio::awaitable<void> QueryWorker::AskGroups(std::shared_ptr<QueryWorker> self,
                                             std::vector<PlannedContact> groups,
                                             absl::Time sent_at) {
  std::vector<whatsapp::Jid> jids;
  for (const PlannedContact& group : groups)
    jids.push_back(group.task.contact.jid);
  std::sort(jids.begin(), jids.end());
  jids.erase(std::unique(jids.begin(), jids.end()), jids.end());
  const whatsapp::PictureType type = groups.front().plan.queries.front().type;
  std::vector<whatsapp::Jid> asked = jids;
  absl::StatusOr<whatsapp::GroupPictures> answers =
      co_await self->client_->FetchGroupPictures(std::move(jids), type);
  self->OnGroupAnswers(asked, std::move(answers), sent_at, std::move(groups));
  self->OnQueryDone();
}

void QueryWorker::OnGroupAnswers(
    const std::vector<whatsapp::Jid>& asked,
    absl::StatusOr<whatsapp::GroupPictures> answers, absl::Time sent_at,
    std::vector<PlannedContact> groups) {
  const bool are_refused = absl::IsInvalidArgument(answers.status()) ||
                           absl::IsPermissionDenied(answers.status());
  if (!answers.ok() && !are_refused) {
    std::vector<ContactTask> tasks;
    for (PlannedContact& group : groups) tasks.push_back(std::move(group.task));
    OnError(answers.status(), sent_at, limits_.pictures, std::move(tasks));
    return;
  }
  limits_.pictures.OnAnswered(sent_at);
  for (PlannedContact& group : groups) {
    if (are_refused) {
      // WhatsApp refuses the query, or one of the groups: ask for each alone.
      Await(std::move(group.task), std::move(group.plan));
      continue;
    }
    const auto place =
        std::lower_bound(asked.begin(), asked.end(), group.task.contact.jid) -
        asked.begin();
    OnGroupAnswer((*answers)[static_cast<size_t>(place)], sent_at,
                  std::move(group));
  }
}

void QueryWorker::OnGroupAnswer(
    const whatsapp::GroupPictures::value_type& answer, absl::Time sent_at,
    PlannedContact group) {
  ContactPlan& plan = group.plan;
  if (!answer.has_value()) {
    // The group has no picture or hides it. If the stored state is fresh, it is
    // confirmed; otherwise a query for this group alone tells which it is.
    if (IsStateKnown(group.task) && !plan.observation.state.has_value()) {
      ConfirmState(group.task, Seen(), &plan);
    }
  } else if (answer->ok()) {
    ApplyPicture(**answer, Seen(), &plan);
    if (plan.observation.full_url.has_value() && !plan.queries.empty()) {
      groups_.Add(std::move(group));  // for the picture's other size
      return;
    }
  } else if (!absl::IsInvalidArgument(answer->status())) {
    OnPictureError(answer->status(), sent_at, std::move(group.task));
    return;
  }
  Await(std::move(group.task), std::move(plan));
}

}  // namespace portrait
