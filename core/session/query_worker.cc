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

// When the next usync query is sent: before all pictures of the previous one
// have been queried, so that the window of queries stays full, but not much
// earlier, because other sessions could ask about the contacts that wait here.
// It is sent when fewer pictures remain than fill the window this many times …
constexpr double kWindowsAhead = 4;
// … or fewer than a slow account queries in this time.
constexpr absl::Duration kTimeAhead = absl::Seconds(2);

// The share of contacts that need a picture query, until it has been measured.
constexpr double kUsualPicturesPerContact = 0.7;

constexpr size_t kContactsPerToken = UsyncQueue::kContactsPerToken;

// During a wait of up to this length, the session keeps its contacts; before a
// longer wait, it gives them back.
constexpr absl::Duration kKeepThrough = absl::Seconds(2);

LookupFailure NeverAnswered() {
  return {v1::ERROR_REASON_INVALID_CONTACT,
          "WhatsApp's own announcements account never answers",
          absl::ZeroDuration()};
}

// The shortest timer; token buckets are no more precise.
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
      gathered_(options.usync_batch, SteadyNow),
      pictures_per_contact_(kUsualPicturesPerContact),
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

double QueryWorker::ExpectedBulkPictures() const {
  return static_cast<double>(waiting_.bulk()) + (groups_.empty() ? 0 : 1) +
         static_cast<double>(bulk_asked_by_usync_) * pictures_per_contact_;
}

double QueryWorker::EnoughPictures() {
  const double ahead =
      kWindowsAhead * static_cast<double>(options_.max_queries_in_flight);
  const double per_second = limits_.pictures.per_second();
  if (per_second == 0) return ahead;
  double seconds = absl::ToDoubleSeconds(kTimeAhead);
  if (limits_.usync.per_second() > 0) seconds += 1 / limits_.usync.per_second();
  return std::clamp(per_second * seconds, 1.0, ahead);
}

// Bulk is taken in full batches only, because a query about few contacts costs
// as much as one about many. Urgent contacts in hand do not count: however many
// one tenant sends, the bulk of others still gets its turns.
bool QueryWorker::WantsBulk() {
  return bulk_in_hand_ + kContactsPerToken <= options_.max_contacts_in_hand &&
         ExpectedBulkPictures() < EnoughPictures();
}

// The contacts that usync queries may ask about per second; 0: no limit.
double QueryWorker::ContactsPerSecond() {
  return limits_.usync.per_second() *
         static_cast<double>(std::min(options_.usync_batch, kContactsPerToken));
}

// The contacts whose pictures may be queried per second; 0: no limit.
double QueryWorker::PicturesPerSecond() {
  return limits_.pictures.per_second() /
         (options_.lean_picture_queries ? 1.0 : double{kPicturePair});
}

// The number of contacts to take for the next usync query.
size_t QueryWorker::Room() {
  // An urgent query between large ones costs one token.
  if (!limits_.usync.Allowed()) return gathered_.Room(UsyncQueue::kNoGrowth);
  const double contacts = ContactsPerSecond();
  const double pictures = PicturesPerSecond();
  if (pictures == 0) return gathered_.Room(1);
  return gathered_.Room(contacts == 0 ? 0 : pictures / contacts);
}

bool QueryWorker::WantsUrgent() const {
  return in_hand_ - bulk_in_hand_ < options_.max_contacts_in_hand;
}

// The limit applies to urgent and bulk contacts separately; this is their sum.
bool QueryWorker::IsFull() const {
  return in_hand_ >= 2 * options_.max_contacts_in_hand;
}

absl::Time QueryWorker::BlockedUntil() const {
  return std::max(limits_.usync.blocked_until(),
                  limits_.pictures.blocked_until());
}

std::optional<Appetite> QueryWorker::TakeWork() {
  const absl::Time now = options_.clocks.steady();
  if (status_.paused() || BlockedUntil() > now + kKeepThrough) {
    PutBackUnasked();
    return std::nullopt;
  }
  // Most contacts need both kinds of query.
  if (BlockedUntil() > now) return std::nullopt;
  std::optional<Appetite> looked;
  while (MayAskUsync()) {
    const size_t room = Room();
    const bool wants_bulk = WantsBulk();
    if (room == 0 || IsFull() || (!wants_bulk && !WantsUrgent())) break;
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
  in_hand_ += tasks.size();
  bulk_in_hand_ += CountBulk(tasks);
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

void QueryWorker::LeaveHand(const ContactTask& task) {
  --in_hand_;
  if (!task.urgent) --bulk_in_hand_;
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
    std::vector<ContactTask> tasks =
        gathered_.Next(/*urgent_only=*/!limits_.usync.Allowed(), IsQuiet());
    if (tasks.empty()) return;
    SendUsync(std::move(tasks));
  }
}

void QueryWorker::SendUsync(std::vector<ContactTask> tasks) {
  limits_.usync.Acquire(UsyncQueue::TokensFor(tasks));
  ++in_flight_;
  asked_by_usync_ += tasks.size();
  bulk_asked_by_usync_ += CountBulk(tasks);
  asio::co_spawn(
      strand_,
      AskUsync(shared_from_this(), std::move(tasks), options_.clocks.steady()),
      asio::detached);
}

bool QueryWorker::IsPair(const PlannedContact& contact) const {
  return !options_.lean_picture_queries &&
         contact.plan.queries.size() == kPicturePair;
}

void QueryWorker::SendPictures() {
  // The second query of a pair may exceed the window by one.
  while (in_flight_ < options_.max_queries_in_flight && !waiting_.empty() &&
         limits_.pictures.Allowed()) {
    PlannedContact contact = waiting_.Take();
    const bool is_pair = IsPair(contact);
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
  for (const ContactTask& task : tasks) LeaveHand(task);
  work_.PutBack(std::move(tasks));
}

// ---- timers ----------------------------------------------------------------

absl::Duration QueryWorker::UntilNextPump() {
  const absl::Time now = options_.clocks.steady();
  absl::Duration wait = absl::InfiniteDuration();
  const auto consider = [&wait](absl::Duration after) {
    if (after > absl::ZeroDuration()) wait = std::min(wait, after);
  };
  consider(BlockedUntil() - now);
  // With a full window, the end of a query comes first and calls Pump().
  if (in_flight_ >= options_.max_queries_in_flight) return wait;
  consider(limits_.usync.NextAllowed() - now);
  consider(limits_.usync.NextAllowedUrgent() - now);
  if (!waiting_.empty() || !groups_.empty()) {
    consider(limits_.pictures.NextAllowed() - now);
  }
  if (!groups_.empty()) consider(groups_.UntilDue(in_flight_ == 0));
  consider(gathered_.UntilDue(IsQuiet()));
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
  // Most lookups need a share of a usync query and one picture.
  const double by_usync = ContactsPerSecond();
  const double by_pictures = PicturesPerSecond();
  const double limit = by_usync == 0      ? by_pictures
                       : by_pictures == 0 ? by_usync
                                          : std::min(by_usync, by_pictures);
  status_.SetLoad(in_hand_, limit);
}

}  // namespace portrait
