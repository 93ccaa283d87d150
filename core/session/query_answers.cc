// The part of QueryWorker that sends queries and applies their answers to
// contacts.
#include <algorithm>
#include <utility>

#include <boost/asio/steady_timer.hpp>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "core/base/telemetry.h"
#include "core/session/address_choice.h"
#include "core/session/query_worker.h"

namespace portrait {
namespace {

namespace asio = boost::asio;

// Results that come within this time are delivered together …
constexpr absl::Duration kDeliverTime = absl::Milliseconds(3);
// … or as soon as there are so many.
constexpr size_t kDeliverAtOnce = 256;

// Tasks of one batch may have the same contact, which is asked about once.
whatsapp::UsyncQuery QueryAbout(const std::vector<ContactTask>& tasks) {
  absl::flat_hash_set<whatsapp::Jid> seen;
  whatsapp::UsyncQuery query;
  query.contacts.reserve(tasks.size());
  for (const ContactTask& task : tasks) {
    if (seen.insert(task.contact.jid).second) {
      query.contacts.push_back({task.contact.jid});
    }
    if (AsksBothAddresses(task) && seen.insert(task.contact.other_jid).second) {
      query.contacts.push_back({task.contact.other_jid});
    }
  }
  return query;
}

// Tasks that failed for the same reason, to be given back in one call.
struct FailedTasks {
  LookupFailure why;
  std::vector<ContactTask> tasks;
};

void AddFailed(ContactTask task, LookupFailure why,
               std::vector<FailedTasks>* failed) {
  for (FailedTasks& group : *failed) {
    if (group.why.reason == why.reason && group.why.message == why.message) {
      group.tasks.push_back(std::move(task));
      return;
    }
  }
  failed->push_back({std::move(why), {}});
  failed->back().tasks.push_back(std::move(task));
}

}  // namespace

// ---- usync -----------------------------------------------------------------

asio::awaitable<void> QueryWorker::AskUsync(std::shared_ptr<QueryWorker> self,
                                            std::vector<ContactTask> tasks,
                                            absl::Time sent_at) {
  whatsapp::UsyncQuery query = QueryAbout(tasks);
  QueryLimits& limits = self->limits_;
  query.lid = limits.lid.Allowed();
  query.business = limits.business.Allowed();
  if (query.lid) limits.lid.Acquire();
  if (query.business) limits.business.Acquire();
  absl::StatusOr<whatsapp::UsyncAnswer> answer =
      co_await self->client_->FetchUsync(std::move(query));
  self->taken_.RemoveAsked(tasks);
  if (answer.ok()) {
    self->OnUsyncAnswer(*answer, sent_at, std::move(tasks));
  } else if (absl::IsInvalidArgument(answer.status()) && tasks.size() > 1) {
    // WhatsApp refuses one of the contacts, or so many contacts: ask about each
    // half separately.
    self->gathered_.AddRefused(std::move(tasks));
  } else {
    self->OnError(answer.status(), sent_at, self->limits_.usync,
                  std::move(tasks));
  }
  self->OnQueryDone();
}

void QueryWorker::OnUsyncAnswer(const whatsapp::UsyncAnswer& answer,
                                absl::Time sent_at,
                                std::vector<ContactTask> tasks) {
  const absl::Duration blocked = OnUsyncLimits(answer, sent_at);
  UsyncUsers users;
  for (const whatsapp::UsyncUser& user : answer.users) {
    users[user.asked] = &user;
    for (const auto& jid : {user.asked, user.pn, user.lid}) {
      memory_.asked.Add(jid);
    }
  }
  std::vector<FailedTasks> failed;
  size_t need_picture = 0;
  const size_t asked = tasks.size();
  for (ContactTask& task : tasks) {
    const whatsapp::UsyncUser* const user = ChooseAddress(users, &task);
    if (user == nullptr) {
      gathered_.Add(std::move(task));
      continue;
    }
    std::variant<ContactPlan, LookupFailure> next = Plan(task, *user, answer);
    if (auto* why = std::get_if<LookupFailure>(&next)) {
      if (why->reason == v1::ERROR_REASON_RATE_LIMITED) {
        why->retry_after = std::max(why->retry_after, blocked);
      }
      AddFailed(std::move(task), std::move(*why), &failed);
      continue;
    }
    ContactPlan& plan = std::get<ContactPlan>(next);
    if (!options_.lean_picture_queries) AskForBothSizes(&plan);
    if (!plan.queries.empty()) ++need_picture;
    Await(std::move(task), std::move(plan));
  }
  for (FailedTasks& group : failed) {
    Fail(std::move(group.tasks), std::move(group.why));
  }
  taken_.Learn(need_picture, asked);
}

std::variant<ContactPlan, LookupFailure> QueryWorker::Plan(
    const ContactTask& task, const whatsapp::UsyncUser& user,
    const whatsapp::UsyncAnswer& answer) {
  const Sighting seen = Seen();
  if (task.other_is_ruled_out && task.IsKnownRegistered() &&
      user.registered.value.value_or(false)) {
    // The contact is no longer at the stored address.
    Observation left;
    left.jid = task.contact.other_jid.ToString();
    left.registration = v1::REGISTRATION_NOT_REGISTERED;
    left.observed_at = seen.at;
    left.session = seen.session;
    work_.Observe(std::move(left));
  }
  const bool by_number = task.contact.kind == ContactKind::kPhoneNumber;
  const bool has_token =
      by_number
          ? client_->HasPrivacyToken(
                user.pn.user.empty() ? task.contact.jid : user.pn, user.lid)
          : client_->HasPrivacyToken(whatsapp::Jid(), task.contact.jid);
  return PlanAfterUsync(task, user, answer, seen, has_token);
}

// In an otherwise successful answer, a protocol may have been refused as a
// whole or for some users. Each protocol has its own wait. A usync query makes
// no sense without the contact and picture protocols.
absl::Duration QueryWorker::OnUsyncLimits(const whatsapp::UsyncAnswer& answer,
                                          absl::Time sent_at) {
  absl::Duration blocked;
  bool refused = false;
  const auto note = [&](const std::optional<whatsapp::ProtocolError>& error) {
    if (!error.has_value() || !IsRateLimit(*error)) return;
    refused = true;
    blocked = OnRefused(limits_.usync, sent_at, error->backoff);
  };
  note(answer.contact_error);
  note(answer.picture_error);
  for (const whatsapp::UsyncUser& user : answer.users) {
    if (refused) break;
    note(user.registered.error);
    note(user.picture_id.error);
  }
  if (!refused) limits_.usync.OnAnswered(sent_at);
  for (const auto& [error, limiter] :
       {std::pair(&answer.lid_error, &limits_.lid),
        std::pair(&answer.business_error, &limits_.business)}) {
    if (error->has_value() && IsRateLimit(**error)) {
      limiter->OnRefused(sent_at, (*error)->backoff);
    } else {
      limiter->OnAnswered(sent_at);
    }
  }
  return blocked;
}

// ---- the next query of a contact -------------------------------------------

void QueryWorker::Await(ContactTask task, ContactPlan plan) {
  if (plan.queries.empty()) {
    Finish(task, std::move(plan.observation));
    return;
  }
  // If only one of two pictures has been fetched, the query for the other
  // picture takes precedence over those for other contacts.
  const bool is_half_done = plan.observation.full_url.has_value();
  waiting_.Add({std::move(task), std::move(plan)}, is_half_done);
}

// ---- errors ----------------------------------------------------------------

absl::Duration QueryWorker::OnRefused(RateLimiter& limiter, absl::Time sent_at,
                                      absl::Duration backoff) {
  const bool is_new = limiter.OnRefused(sent_at, backoff);
  ReportLoad();  // a throttled session shows the rate that follows the pause
  status_.SetThrottledUntil(limiter.blocked_until());
  const absl::Duration wait =
      limiter.blocked_until() - options_.clocks.steady();
  if (is_new) {
    LogWarning(
        "session {}: WhatsApp answered {} with rate-overlimit: paused for {}, "
        "then at most {:.2f} queries per second",
        status_.name(),
        &limiter == &limits_.usync ? "usync queries" : "picture queries",
        absl::FormatDuration(absl::Trunc(wait, absl::Milliseconds(1))),
        limiter.per_second());
  }
  return wait;
}

void QueryWorker::OnError(const absl::Status& error, absl::Time sent_at,
                          RateLimiter& limiter,
                          std::vector<ContactTask> tasks) {
  LookupFailure why = FailureOf(error);
  if (why.reason == v1::ERROR_REASON_RATE_LIMITED) {
    why.retry_after =
        std::max(why.retry_after,
                 OnRefused(limiter, sent_at, whatsapp::BackoffOf(error)));
  }
  Fail(std::move(tasks), std::move(why));
}

void QueryWorker::OnPictureError(const absl::Status& error, absl::Time sent_at,
                                 ContactTask task) {
  std::vector<ContactTask> tasks;
  tasks.push_back(std::move(task));
  OnError(error, sent_at, limits_.pictures, std::move(tasks));
}

void QueryWorker::Fail(std::vector<ContactTask> tasks, LookupFailure why) {
  for (const ContactTask& task : tasks) taken_.Remove(task);
  status_.AddCounts(/*lookups=*/0, /*failures=*/tasks.size());
  work_.GiveBack(std::move(tasks), std::move(why));
}

// Ends the task with a permanent error: no session asks about the contact
// again.
void QueryWorker::Refuse(ContactTask task, LookupFailure why) {
  taken_.Remove(task);
  status_.AddCounts(/*lookups=*/0, /*failures=*/1);
  deliver_at_once_ |= task.urgent;
  results_.push_back({task.id, std::move(why)});
}

// ---- results ---------------------------------------------------------------

Sighting QueryWorker::Seen() const {
  return {status_.name(), options_.clocks.wall()};
}

void QueryWorker::Finish(const ContactTask& task, Observation observation) {
  taken_.Remove(task);
  deliver_at_once_ |= task.urgent;
  results_.push_back({task.id, std::move(observation)});
}

void QueryWorker::OnQueryDone(size_t queries) {
  in_flight_ -= queries;
  Deliver();
  if (!stopped_) {
    Pump();
    return;
  }
  PutBackUnasked();
  if (in_flight_ == 0) {
    ReportLoad();
    idle_timer_.cancel();
  }
}

void QueryWorker::Deliver() {
  if (results_.empty()) return;
  // No other result will come soon, so do not wait for one.
  const bool is_last = in_flight_ == 0 && waiting_.empty();
  if (stopped_ || deliver_at_once_ || is_last ||
      results_.size() >= kDeliverAtOnce) {
    Flush();
    return;
  }
  if (deliver_timer_set_) return;
  deliver_timer_set_ = true;
  deliver_timer_.expires_after(absl::ToChronoNanoseconds(kDeliverTime));
  deliver_timer_.async_wait(
      [self = shared_from_this()](boost::system::error_code) {
        self->deliver_timer_set_ = false;
        self->Flush();
      });
}

void QueryWorker::Flush() {
  deliver_at_once_ = false;
  if (results_.empty()) return;
  const auto found = std::count_if(
      results_.begin(), results_.end(), [](const TaskResult& result) {
        return std::holds_alternative<Observation>(result.outcome);
      });
  status_.AddCounts(/*lookups=*/static_cast<size_t>(found), /*failures=*/0);
  work_.Complete(std::exchange(results_, {}));
}

}  // namespace portrait
