// QueryWorker does a session's work while it is logged in: it takes contacts,
// keeps a window of queries about them in flight, and returns the answers.
#ifndef PORTRAIT_CORE_SESSION_QUERY_WORKER_H_
#define PORTRAIT_CORE_SESSION_QUERY_WORKER_H_

#include <memory>
#include <optional>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "core/session/account_memory.h"
#include "core/session/group_queue.h"
#include "core/session/idle_sessions.h"
#include "core/session/picture_queue.h"
#include "core/session/query_plan.h"
#include "core/session/session_pool.h"
#include "core/session/session_status.h"
#include "core/session/take_limits.h"
#include "core/session/usync_queue.h"
#include "core/whatsapp/client.h"
#include "core/work/work_source.h"

namespace portrait {

// A contact's stages: taken → gathered with others of its kind → usync query →
// waiting for its picture query, if it needs one → picture query → result.
//
// Confined to `strand`. Held by shared_ptr because its queries keep it alive;
// borrowed objects are not used after WaitUntilIdle().
class QueryWorker : public std::enable_shared_from_this<QueryWorker> {
 public:
  QueryWorker(boost::asio::any_io_executor strand,
              std::unique_ptr<whatsapp::Client> client,
              const SessionOptions& options, WorkSource& work,
              IdleSessions& idle, AccountMemory& memory, SessionStatus& status);

  // Takes tasks and sends queries, as many as are allowed now. Call it when
  // there may be new work, or after a pause began or ended; otherwise it calls
  // itself. Returns which work it looked for; nullopt if it is full.
  std::optional<Appetite> Pump();

  // Takes no more tasks. Contacts that no query was sent about are put back
  // now; the others are passed on when their answer arrives or the stream ends.
  void Stop();
  // Waits until no query is in flight. The stream must have ended after Stop().
  boost::asio::awaitable<void> WaitUntilIdle();

  whatsapp::Client& client() { return *client_; }

 private:
  using Self = std::shared_ptr<QueryWorker>;
  using Asking = boost::asio::awaitable<void>;
  struct PictureReply;

  // ---- query_worker.cc: taking tasks, pacing, sending
  std::optional<Appetite> TakeWork();
  void BecomeIdle(Appetite appetite);
  void Gather(std::vector<ContactTask> tasks);
  void GatherGroup(ContactTask task);
  void SendUsyncs();
  void SendUsync(std::vector<ContactTask> tasks);
  void SendPictures();
  bool MayAskUsync();
  size_t Room();
  absl::Duration UntilNextPump();
  void ArmTimer();
  void PutBackUnasked();
  void ReportLoad();

  // ---- query_answers.cc: sending queries and applying answers
  static Asking AskUsync(Self self, std::vector<ContactTask> tasks,
                         absl::Time sent_at);

  // ---- query_pictures.cc: one contact's picture
  static Asking AskPicture(Self self, PlannedContact contact,
                           absl::Time sent_at);
  // Image and preview at once.
  static Asking AskPicturePair(Self self, PlannedContact contact,
                               absl::Time sent_at);
  static Asking FetchInto(Self self, whatsapp::PictureQuery query,
                          std::shared_ptr<PictureReply> reply);
  void OnPicturePair(const absl::StatusOr<whatsapp::PictureAnswer>& image,
                     const absl::StatusOr<whatsapp::PictureAnswer>& preview,
                     absl::Time sent_at, PlannedContact contact);
  // Handles the error in place of the answer to a picture query.
  void OnNoPicture(const absl::Status& error, absl::Time sent_at,
                   ContactTask task);
  static Asking AskChannel(Self self, PlannedContact contact,
                           absl::Time sent_at);

  // ---- query_answers.cc: the results of contacts
  void OnUsyncAnswer(const whatsapp::UsyncAnswer& answer, absl::Time sent_at,
                     std::vector<ContactTask> tasks);
  std::variant<ContactPlan, LookupFailure> Plan(
      const ContactTask& task, const whatsapp::UsyncUser& user,
      const whatsapp::UsyncAnswer& answer);
  absl::Duration OnUsyncLimits(const whatsapp::UsyncAnswer& answer,
                               absl::Time sent_at);
  void OnError(const absl::Status& error, absl::Time sent_at,
               RateLimiter& limiter, std::vector<ContactTask> tasks);
  // Handles the error of a query about a single contact.
  void OnPictureError(const absl::Status& error, absl::Time sent_at,
                      ContactTask task);
  absl::Duration OnRefused(RateLimiter& limiter, absl::Time sent_at,
                           absl::Duration backoff);
  void Refuse(ContactTask task, LookupFailure why);
  void OnQueryDone(size_t queries = 1);
  void Await(ContactTask task, ContactPlan plan);
  void Finish(const ContactTask& task, Observation observation);
  void Fail(std::vector<ContactTask> tasks, LookupFailure why);
  void Deliver();
  void Flush();
  Sighting Seen() const;

  // ---- query_groups.cc: the pictures of many groups in one query
  void SendGroups();
  static Asking AskGroups(Self self, std::vector<PlannedContact> groups,
                          absl::Time sent_at);
  void OnGroupAnswers(const std::vector<whatsapp::Jid>& asked,
                      absl::StatusOr<whatsapp::GroupPictures> answers,
                      absl::Time sent_at, std::vector<PlannedContact> groups);
  void OnGroupAnswer(const whatsapp::GroupPictures::value_type& answer,
                     absl::Time sent_at, PlannedContact group);

  const boost::asio::any_io_executor strand_;
  const std::unique_ptr<whatsapp::Client> client_;
  const SessionOptions& options_;
  WorkSource& work_;
  IdleSessions& idle_;
  AccountMemory& memory_;
  QueryLimits& limits_;  // those of memory_
  SessionStatus& status_;
  bool stopped_ = false;
  TakeLimits taken_;
  UsyncQueue gathered_;
  PictureQueue waiting_;
  GroupQueue groups_;
  size_t in_flight_ = 0;             // number of queries
  std::vector<TaskResult> results_;  // delivered together
  bool deliver_at_once_ = false, deliver_timer_set_ = false;
  boost::asio::steady_timer pump_timer_, deliver_timer_;
  boost::asio::steady_timer
      idle_timer_;  // cancelled when no query is in flight
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_QUERY_WORKER_H_
