#include "core/session/query_worker.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/base/steady_time.h"

namespace portrait {
namespace {

namespace asio = boost::asio;

// During a wait of up to this length, the session keeps its contacts; before a
// longer wait, it gives them back.
constexpr absl::Duration kKeepThrough = absl::Seconds(2);

LookupFailure NeverAnswered() {
  return {v1::ERROR_REASON_INVALID_CONTACT,
          "WhatsApp's own announcements account never answers",
          absl::ZeroDuration()};
}

// The shortest timer. Shorter ones are useless, because token buckets are not
// more precise.
constexpr absl::Duration kMinTimer = absl::Microseconds(200);

}  // namespace

QueryWorker::QueryWorker(asio::any_io_executor strand,
                         std::unique_ptr<whatsapp::Client> client,
                         const SessionOptions& options, WorkSource& work,
                         IdleSessions& idle, AccountMemory& memory,
                         SessionStatus& status)
    : strand_(strand),
      client_(std::move(client)),
      options_(options),
      work_(work),
      idle_(idle),
      memory_(memory),
      limits_(memory.limits),
      status_(status),
      taken_(options, limits_),
      gathered_(options.usync_batch, SteadyNow),
      pump_timer_(strand),
      deliver_timer_(strand),
      idle_timer_(strand) {}

std::optional<Appetite> QueryWorker::Pump() {
  // Between the end of the stream and Stop(), queries fail one after the other.
  // New tasks in their place would fail at once, again and again.
  if (stopped_ || client_->ended()) return std::nullopt;
  SendUsyncs();
  const std::optional<Appetite> looked = TakeWork();
  SendGroups();
  SendPictures();
  ArmTimer();
  ReportLoad();
  return looked;
}

void QueryWorker::Stop() {
  stopped_ = true;
  idle_.Remove(status_.name());
  PutBackUnasked();
  Flush();
  pump_timer_.cancel();
  deliver_timer_.cancel();
  ReportLoad();
}

asio::awaitable<void> QueryWorker::WaitUntilIdle() {
  while (in_flight_ > 0) {
    boost::system::error_code ec;
    idle_timer_.expires_at(std::chrono::steady_clock::time_point::max());
    co_await idle_timer_.async_wait(
        asio::redirect_error(asio::use_awaitable, ec));
  }
}

// ---- taking ----------------------------------------------------------------

// The number of contacts to take for the next usync query.
size_t QueryWorker::Room() {
  // An urgent query between large ones costs one token.
  if (!limits_.usync.Allowed()) return gathered_.Room(UsyncQueue::kNoGrowth);
  return gathered_.Room(taken_.PictureShare());
}

std::optional<Appetite> QueryWorker::TakeWork() {
  const absl::Time now = options_.clocks.steady();
  if (status_.paused() || limits_.BlockedUntil() > now + kKeepThrough) {
    PutBackUnasked();
    return std::nullopt;
  }
  // Most contacts need both kinds of query.
  if (limits_.BlockedUntil() > now) return std::nullopt;
  std::optional<Appetite> looked;
  while (MayAskUsync()) {
    const size_t room = Room();
    const bool wants_bulk =
        taken_.WantsBulk(waiting_.bulk() + (groups_.empty() ? 0 : 1));
    if (room == 0 || taken_.IsFull()) break;
    if (!wants_bulk && !taken_.WantsUrgent()) break;
    // While a large query is being paid for, only an urgent contact starts a
    // query. It takes bulk along, so that urgent contacts cannot hold up all
    // bulk.
    const bool may_start = limits_.usync.Allowed() || gathered_.has_urgent();
    const Appetite appetite =
        wants_bulk && may_start ? Appetite::kAnything : Appetite::kUrgentOnly;
    std::vector<ContactTask> tasks =
        appetite == Appetite::kAnything
            ? work_.Take(status_.name(), room)
            : work_.TakeUrgent(status_.name(), may_start ? room : 1);
    looked = std::max(looked, std::optional(appetite));
    if (tasks.empty()) {
      BecomeIdle(appetite);
      break;
    }
    Gather(std::move(tasks));
    if (Room() == 0) SendUsyncs();
  }
  SendUsyncs();
  return looked;
}

void QueryWorker::BecomeIdle(Appetite appetite) {
  if (!idle_.Add(status_.name(), appetite)) return;
  // Work came for which no session was idle.
  asio::post(strand_, [self = shared_from_this()] { self->Pump(); });
}

void QueryWorker::Gather(std::vector<ContactTask> tasks) {
  taken_.Add(tasks);
  for (ContactTask& task : tasks) {
    if (task.contact.jid.IsAnnouncements()) {
      Refuse(std::move(task), NeverAnswered());
    } else if (task.contact.kind == ContactKind::kGroup) {
      GatherGroup(std::move(task));
    } else if (task.contact.kind == ContactKind::kChannel) {
      ContactPlan plan = PlanPicture(task, Seen());
      Await(std::move(task), std::move(plan));
    } else {
      gathered_.Add(std::move(task));
    }
  }
  Deliver();  // refused contacts
}

void QueryWorker::GatherGroup(ContactTask task) {
  ContactPlan plan = PlanPicture(task, Seen());
  if (options_.group_batches) {
    groups_.Add({std::move(task), std::move(plan)});
    return;
  }
  if (!options_.lean_picture_queries) AskForBothSizes(&plan);
  Await(std::move(task), std::move(plan));
}

// ---- sending ---------------------------------------------------------------

bool QueryWorker::MayAskUsync() {
  return in_flight_ < options_.max_queries_in_flight &&
         limits_.usync.AllowedUrgent();
}

void QueryWorker::SendUsyncs() {
  while (MayAskUsync()) {
    std::vector<ContactTask> tasks = gathered_.Next(
        /*urgent_only=*/!limits_.usync.Allowed(), taken_.IsQuiet());
    if (tasks.empty()) return;
    SendUsync(std::move(tasks));
  }
}

void QueryWorker::SendUsync(std::vector<ContactTask> tasks) {
  limits_.usync.Acquire(UsyncQueue::TokensFor(tasks));
  ++in_flight_;
  taken_.AddAsked(tasks);
  asio::co_spawn(
      strand_,
      AskUsync(shared_from_this(), std::move(tasks), options_.clocks.steady()),
      asio::detached);
}

void QueryWorker::SendPictures() {
  // The second query of a pair may exceed the window by one.
  while (in_flight_ < options_.max_queries_in_flight && !waiting_.empty() &&
         limits_.pictures.Allowed()) {
    PlannedContact contact = waiting_.Take();
    const bool is_pair = !options_.lean_picture_queries &&
                         contact.plan.queries.size() == kPicturePair;
    const size_t queries = is_pair ? kPicturePair : 1;
    for (size_t i = 0; i < queries; ++i) limits_.pictures.Acquire();
    in_flight_ += queries;
    const bool is_channel = contact.task.contact.kind == ContactKind::kChannel;
    asio::co_spawn(
        strand_,
        (is_channel ? AskChannel
         : is_pair  ? AskPicturePair
                    : AskPicture)(shared_from_this(), std::move(contact),
                                 options_.clocks.steady()),
        asio::detached);
  }
}

void QueryWorker::PutBackUnasked() {
  std::vector<ContactTask> tasks = gathered_.TakeAll();
  for (const auto& queue : {waiting_.TakeAll(), groups_.TakeAll()}) {
    for (const PlannedContact& contact : queue) tasks.push_back(contact.task);
  }
  if (tasks.empty()) return;
  for (const ContactTask& task : tasks) taken_.Remove(task);
  work_.PutBack(std::move(tasks));
}

// ---- timers ----------------------------------------------------------------

absl::Duration QueryWorker::UntilNextPump() {
  const absl::Time now = options_.clocks.steady();
  absl::Duration wait = absl::InfiniteDuration();
  const auto consider = [&wait](absl::Duration after) {
    if (after > absl::ZeroDuration()) wait = std::min(wait, after);
  };
  consider(limits_.BlockedUntil() - now);
  // With a full window, the end of a query comes first and calls Pump().
  if (in_flight_ >= options_.max_queries_in_flight) return wait;
  consider(limits_.usync.NextAllowed() - now);
  consider(limits_.usync.NextAllowedUrgent() - now);
  if (!waiting_.empty() || !groups_.empty()) {
    consider(limits_.pictures.NextAllowed() - now);
  }
  if (!groups_.empty()) consider(groups_.UntilDue(in_flight_ == 0));
  consider(gathered_.UntilDue(taken_.IsQuiet()));
  return wait;
}

void QueryWorker::ArmTimer() {
  const absl::Duration wait = UntilNextPump();
  if (wait == absl::InfiniteDuration()) {
    pump_timer_.cancel();
    return;
  }
  pump_timer_.expires_after(
      absl::ToChronoNanoseconds(std::max(wait, kMinTimer)));
  pump_timer_.async_wait(
      [self = shared_from_this()](boost::system::error_code ec) {
        if (!ec) self->Pump();
      });
}

void QueryWorker::ReportLoad() {
  status_.SetLoad(taken_.in_hand(), taken_.LookupsPerSecond());
}

}  // namespace portrait
