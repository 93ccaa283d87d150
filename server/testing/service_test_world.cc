#include "server/testing/service_test_world.h"

#include <chrono>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "core/base/files.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "tests/support/eventually.h"

namespace portrait {
namespace {

constexpr absl::Duration kTestTick = absl::Milliseconds(10);

template <typename T>
T ValueOrDie(absl::StatusOr<T> value) {
  EXPECT_TRUE(value.ok()) << value.status();
  return *std::move(value);
}

}  // namespace

bool WaitUntil(const std::function<bool()>& condition) {
  return Eventually(condition);
}

World::World(Stores kept, bool isolates_tenants)
    : stores(std::move(kept)), isolates_tenants(isolates_tenants) {
  const std::string token_file = absl::StrCat(folder.path(), "/admin.token");
  access = ValueOrDie(AccessControl::Open(*stores.access, token_file));
  admin_token =
      std::string(absl::StripAsciiWhitespace(ValueOrDie(ReadFile(token_file))));
  ledger = ValueOrDie(
      UsageLedger::Open(*stores.access, absl::StrCat(folder.path(), "/usage")));
  tenants = std::make_unique<Tenants>(*access, *ledger);
  sealed = ValueOrDie(SealedSessions::Open(
      *stores.sessions, absl::StrCat(folder.path(), "/portrait.key")));
  changes = std::make_unique<ChangeFeed>(*stores.pictures);
  scheduler = std::make_unique<Scheduler>();
  sessions = std::make_unique<ScriptedSessions>(*scheduler);
  LookupEngineOptions engine_options;
  engine_options.isolates_tenants = isolates_tenants;
  engine = std::make_unique<LookupEngine>(
      *stores.pictures, *scheduler, *sessions, store_threads, engine_options);
  ServerOptions options;
  options.streams.tick = kTestTick;
  server = Serve(options);
  channel = grpc::CreateChannel(server->address(),
                                grpc::InsecureChannelCredentials());
  pictures = v1::ProfilePictureService::NewStub(channel);
  accounts = v1::SessionService::NewStub(channel);
  tokens = v1::AccessService::NewStub(channel);
}

World::~World() {
  server.reset();
  sessions->Stop(absl::ZeroDuration());
  io.Stop();
  engine.reset();
  sessions.reset();  // may hold a stream, whose timer needs `io`
  store_threads.Join();
}

std::unique_ptr<grpc::ClientContext> World::Context() const {
  return ContextWithToken(admin_token);
}

std::unique_ptr<grpc::ClientContext> World::ContextWithToken(
    const std::string& token) const {
  auto context = std::make_unique<grpc::ClientContext>();
  context->AddMetadata("authorization", absl::StrCat("Bearer ", token));
  context->set_deadline(absl::ToChronoTime(absl::Now() + kTestDeadline));
  return context;
}

Backends World::backends() {
  Backends backends = {*stores.pictures,
                       store_threads,
                       *engine,
                       *changes,
                       *sessions,
                       *access,
                       *tenants,
                       metrics,
                       *sealed,
                       *stores.maintenance,
                       audit};
  backends.isolates_tenants = isolates_tenants;
  backends.images = images;
  return backends;
}

std::unique_ptr<PortraitServer> World::Serve(ServerOptions options) {
  // The tests' certificates are for localhost.
  options.listen =
      options.tls.certificate.empty() ? "127.0.0.1:0" : "localhost:0";
  return ValueOrDie(
      PortraitServer::Start(io.context(), backends(), std::move(options)));
}

std::string World::MakeToken(const std::string& tenant,
                             const std::vector<v1::Right>& rights) {
  v1::Token token;
  token.set_tenant(tenant);
  token.set_role(v1::ROLE_LOOKUP);
  for (const v1::Right right : rights) token.add_rights(right);
  return ValueOrDie(access->CreateToken(std::move(token))).secret;
}

std::string World::MakeLookupToken(const std::string& tenant, uint64_t quota,
                                   double lookups_per_second) {
  v1::Token token;
  token.set_tenant(tenant);
  token.set_role(v1::ROLE_LOOKUP);
  token.set_monthly_quota(quota);
  token.set_lookups_per_second(lookups_per_second);
  return ValueOrDie(access->CreateToken(std::move(token))).secret;
}

ErrorDetails DetailsOf(const grpc::Status& status) {
  google::rpc::Status proto;
  ErrorDetails details;
  if (!proto.ParseFromString(status.error_details())) return details;
  EXPECT_EQ(proto.code(), static_cast<int>(status.error_code()));
  EXPECT_EQ(proto.message(), status.error_message());
  for (const auto& any : proto.details()) {
    any.UnpackTo(&details.info) || any.UnpackTo(&details.retry) ||
        any.UnpackTo(&details.bad_request);
  }
  return details;
}

}  // namespace portrait
