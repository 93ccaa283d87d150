// The fixture of service tests: the real server, engine, scheduler and store in
// this process, with a script in place of WhatsApp.
#ifndef PORTRAIT_SERVER_TESTING_SERVICE_TEST_WORLD_H_
#define PORTRAIT_SERVER_TESTING_SERVICE_TEST_WORLD_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/access/access_control.h"
#include "core/access/tenants.h"
#include "core/access/usage_ledger.h"
#include "core/base/fair_threads.h"
#include "core/lookup/change_feed.h"
#include "core/lookup/lookup_engine.h"
#include "core/lookup/scheduler.h"
#include "core/store/picture_store.h"
#include "google/rpc/error_details.pb.h"
#include "grpcpp/grpcpp.h"
#include "portrait/v1/access.grpc.pb.h"
#include "portrait/v1/profile_picture.grpc.pb.h"
#include "portrait/v1/session.grpc.pb.h"
#include "server/io_threads.h"
#include "server/metrics.h"
#include "server/server.h"
#include "server/testing/scripted_sessions.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_deadline.h"

namespace portrait {

// The machine may be slow and shared, so the deadline is generous.

// Returns whether `condition` became true in time.
bool WaitUntil(const std::function<bool()>& condition);

class World {
 public:
  explicit World(Stores kept = NewMemoryStores(),
                 bool isolates_tenants = false);
  ~World();

  // A context with the admin's token and a deadline.
  std::unique_ptr<grpc::ClientContext> Context() const;
  std::unique_ptr<grpc::ClientContext> ContextWithToken(
      const std::string& token) const;
  // The secret of a token with these rights and no others.
  std::string MakeToken(const std::string& tenant,
                        const std::vector<v1::Right>& rights);
  // The secret of a token of the role lookup.
  std::string MakeLookupToken(const std::string& tenant = "acme",
                              uint64_t quota = 0,
                              double lookups_per_second = 0);
  Backends backends();
  // Starts another server beside `server`, on a free port of this machine.
  std::unique_ptr<PortraitServer> Serve(ServerOptions options = {});

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
  const bool isolates_tenants;
  FairThreads store_threads{2};
  std::unique_ptr<LookupEngine> engine;
  Metrics metrics;
  AuditLog* audit = nullptr;  // null: no audit log
  Images* images = nullptr;   // null: no images
  IoThreads io{1};
  std::unique_ptr<PortraitServer> server;
};

// The details of an error as a caller reads them.
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

#endif  // PORTRAIT_SERVER_TESTING_SERVICE_TEST_WORLD_H_
