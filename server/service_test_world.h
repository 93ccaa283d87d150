// What service tests run against: the real server, engine, scheduler and store
// in this process, with a script in place of WhatsApp.
#ifndef PORTRAIT_SERVER_SERVICE_TEST_WORLD_H_
#define PORTRAIT_SERVER_SERVICE_TEST_WORLD_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "core/access/access_control.h"
#include "core/access/tenants.h"
#include "core/access/usage_ledger.h"
#include "core/lookup/change_feed.h"
#include "core/lookup/lookup_engine.h"
#include "core/lookup/scheduler.h"
#include "core/session/session_pool.h"
#include "core/store/picture_store.h"
#include "google/rpc/error_details.pb.h"
#include "grpcpp/grpcpp.h"
#include "portrait/v1/access.grpc.pb.h"
#include "portrait/v1/profile_picture.grpc.pb.h"
#include "portrait/v1/session.grpc.pb.h"
#include "server/io_threads.h"
#include "server/metrics.h"
#include "server/server.h"
#include "tests/support/temporary_folder.h"

namespace portrait {

// Generous: the machine may be slow and shared.
inline constexpr absl::Duration kTestDeadline = absl::Seconds(60);

// Whether `condition` came true in time.
bool WaitUntil(const std::function<bool()>& condition);

// One account, "alpha", whose work a thread does as the script says.
class ScriptedSessions final : public SessionPool {
 public:
  using Answer = std::variant<Observation, LookupFailure>;
  using Script = std::function<Answer(const ContactTask&)>;

  explicit ScriptedSessions(Scheduler& work);
  ~ScriptedSessions() override { Stop(absl::ZeroDuration()); }

  // Without one, every contact has the picture "id-USER".
  void SetScript(Script script);
  void SetLinked(bool linked) { linked_ = linked; }
  // Takes nothing while held.
  void Hold(bool held) { held_ = held; }
  size_t taken() const { return taken_; }
  // Of the latest Pair; null before.
  std::shared_ptr<PairingObserver> pairing() const;
  std::string pairing_number() const;
  bool pairing_abandoned() const { return abandoned_; }

  absl::Status Start() override { return absl::OkStatus(); }
  void Stop(absl::Duration timeout) override;
  absl::StatusOr<std::function<void()>> Pair(
      PairingRequest request,
      std::shared_ptr<PairingObserver> observer) override;
  std::vector<v1::Session> List() const override;
  absl::StatusOr<v1::Session> Get(const std::string& name) const override;
  absl::StatusOr<v1::Session> Pause(const std::string& name) override;
  absl::StatusOr<v1::Session> Resume(const std::string& name) override;
  absl::StatusOr<v1::Session> SetProxy(const std::string& name,
                                       const std::string& proxy) override;
  void Forget(const std::vector<whatsapp::Jid>& contacts) override;
  std::vector<std::string> forgotten() const;
  void Logout(const std::string& name,
              std::function<void(absl::Status)> done) override;
  Availability GetAvailability(const std::string& session) const override;
  bool Exists(const std::string& session) const override;
  bool IsOwn(const whatsapp::Jid& jid) const override;

 private:
  void Work();

  Scheduler& work_;
  std::atomic<bool> linked_ = true, held_ = false, stop_ = false,
                    abandoned_ = false;
  std::atomic<size_t> taken_ = 0;
  mutable absl::Mutex mu_;
  Script script_ ABSL_GUARDED_BY(mu_);
  v1::SessionState state_ ABSL_GUARDED_BY(mu_) = v1::SESSION_STATE_READY;
  std::shared_ptr<PairingObserver> pairing_ ABSL_GUARDED_BY(mu_);
  std::string pairing_number_ ABSL_GUARDED_BY(mu_);
  std::vector<std::string> forgotten_ ABSL_GUARDED_BY(mu_);
  std::thread thread_;
};

// The picture `id` of the task's contact, as seen now.
Observation Seen(const ContactTask& task, const std::string& id);

class World {
 public:
  explicit World(Stores kept = NewMemoryStores());
  ~World();

  // A context with the admin's token and a deadline.
  std::unique_ptr<grpc::ClientContext> Context() const;
  std::unique_ptr<grpc::ClientContext> ContextWithToken(
      const std::string& token) const;
  // The secret of a token of the role lookup.
  std::string MakeLookupToken(const std::string& tenant = "acme",
                              uint64_t quota = 0,
                              double lookups_per_second = 0);
  Backends backends();

  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<v1::ProfilePictureService::Stub> pictures;
  std::unique_ptr<v1::SessionService::Stub> accounts;
  std::unique_ptr<v1::AccessService::Stub> tokens;
  std::string admin_token;

  TemporaryFolder folder;
  Stores stores;
  std::unique_ptr<AccessControl> access;
  std::unique_ptr<SealedSessions> sealed;
  std::unique_ptr<UsageLedger> ledger;
  std::unique_ptr<Tenants> tenants;
  std::unique_ptr<ChangeFeed> changes;
  std::unique_ptr<Scheduler> scheduler;
  std::unique_ptr<ScriptedSessions> sessions;
  std::unique_ptr<LookupEngine> engine;
  Metrics metrics;
  IoThreads io{1};
  std::unique_ptr<PortraitServer> server;
};

// What a caller reads in an error's details.
struct ErrorDetails {
  google::rpc::ErrorInfo info;
  google::rpc::RetryInfo retry;
  google::rpc::BadRequest bad_request;

  std::string field() const {
    return bad_request.field_violations_size() == 0
               ? ""
               : bad_request.field_violations(0).field();
  }
};
ErrorDetails DetailsOf(const grpc::Status& status);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_SERVICE_TEST_WORLD_H_
