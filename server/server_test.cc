// Tests the whole server: authorization, listening, shutdown.
#include "server/server.h"

#include <sys/stat.h>

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "grpcpp/generic/generic_stub.h"
#include "gtest/gtest.h"
#include "server/testing/service_test_world.h"
#include "tests/support/temporary_folder.h"

namespace portrait {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;

// Returns the final status of `method` with an empty request.
grpc::Status CallRaw(World& world, grpc::ClientContext* context,
                     const std::string& method) {
  grpc::GenericStub stub(world.channel);
  grpc::CompletionQueue queue;
  auto call = stub.PrepareCall(context, method, &queue);
  void* tag = nullptr;
  bool ok = false;
  call->StartCall(nullptr);
  queue.Next(&tag, &ok);
  const grpc::Slice empty;
  call->WriteLast(grpc::ByteBuffer(&empty, 1), grpc::WriteOptions(), nullptr);
  queue.Next(&tag, &ok);
  // The status follows the responses.
  grpc::ByteBuffer answer;
  do {
    call->Read(&answer, nullptr);
    queue.Next(&tag, &ok);
  } while (ok);
  grpc::Status status;
  call->Finish(&status, nullptr);
  queue.Next(&tag, &ok);
  return status;
}

const std::vector<std::string>& PictureMethods() {
  static const auto& methods =
      *new std::vector<std::string>{"GetProfilePicture",
                                    "BatchGetProfilePictures",
                                    "EnrichProfilePictures",
                                    "WatchProfilePictureChanges",
                                    "ListProfilePictureChanges",
                                    "DownloadProfilePicture",
                                    "ForgetContact"};
  return methods;
}

const std::vector<std::string>& SessionMethods() {
  static const auto& methods = *new std::vector<std::string>{
      "PairSession",   "ListSessions",    "GetSession",   "PauseSession",
      "ResumeSession", "SetSessionProxy", "LogoutSession"};
  return methods;
}

const std::vector<std::string>& AccessMethods() {
  static const auto& methods =
      *new std::vector<std::string>{"CreateToken", "ListTokens", "RevokeToken"};
  return methods;
}

std::vector<std::string> AdminMethods() {
  std::vector<std::string> all;
  for (const std::string& method : SessionMethods()) {
    all.push_back("/portrait.v1.SessionService/" + method);
  }
  for (const std::string& method : AccessMethods()) {
    all.push_back("/portrait.v1.AccessService/" + method);
  }
  return all;
}

std::vector<std::string> AllMethods() {
  std::vector<std::string> all = AdminMethods();
  all.push_back("/portrait.v1.AccessService/GetUsage");
  for (const std::string& method : PictureMethods()) {
    all.push_back("/portrait.v1.ProfilePictureService/" + method);
  }
  return all;
}

TEST(ServerTest, EveryRpcNeedsAToken) {
  World world;
  for (const std::string& method : AllMethods()) {
    SCOPED_TRACE(method);
    std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
    contexts.push_back(std::make_unique<grpc::ClientContext>());
    contexts.push_back(world.ContextWithToken("wrong"));
    contexts.push_back(world.Context());  // two of them
    contexts.back()->AddMetadata("authorization",
                                 absl::StrCat("Bearer ", world.admin_token));
    for (const auto& context : contexts) {
      const grpc::Status status = CallRaw(world, context.get(), method);
      EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
      EXPECT_EQ(DetailsOf(status).info.reason(),
                "ERROR_REASON_UNAUTHENTICATED");
    }
  }
}

TEST(ServerTest, ALookupTokenLooksUpAndManagesNothing) {
  World world;
  v1::GetProfilePictureRequest request;
  request.set_contact("+13105551234");
  v1::GetProfilePictureResponse response;
  const std::string token = world.MakeLookupToken();
  EXPECT_TRUE(world.pictures
                  ->GetProfilePicture(world.ContextWithToken(token).get(),
                                      request, &response)
                  .ok());
  for (const std::string& method : AdminMethods()) {
    SCOPED_TRACE(method);
    const grpc::Status status =
        CallRaw(world, world.ContextWithToken(token).get(), method);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
    EXPECT_EQ(DetailsOf(status).info.reason(),
              "ERROR_REASON_PERMISSION_DENIED");
  }
}

TEST(ServerTest, HealthAndReflectionAreOpen) {
  World world;
  grpc::ClientContext health;
  EXPECT_TRUE(CallRaw(world, &health, "/grpc.health.v1.Health/Check").ok());
  grpc::ClientContext reflection;
  EXPECT_TRUE(
      CallRaw(world, &reflection,
              "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")
          .ok());
}

TEST(ServerTest, ChannelzShowsConnectionsOnLoopback) {
  World world;
  grpc::ClientContext context;
  EXPECT_TRUE(
      CallRaw(world, &context, "/grpc.channelz.v1.Channelz/GetServers").ok());
}

TEST(ServerTest, AnUnimplementedMethodNamesAnAlternative) {
  World world;
  const grpc::Status status =
      CallRaw(world, world.Context().get(),
              "/portrait.v1.ProfilePictureService/DownloadProfilePicture");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_THAT(status.error_message(), HasSubstr("GetProfilePicture"));
}

TEST(ServerTest, ForgettingWithSuppressRefusesTheContactFromThenOn) {
  World world;
  v1::GetProfilePictureRequest get;
  get.set_contact("+13105551234");
  v1::GetProfilePictureResponse picture;
  ASSERT_TRUE(
      world.pictures->GetProfilePicture(world.Context().get(), get, &picture)
          .ok());
  v1::ForgetContactRequest forget;
  forget.set_contact("+13105551234");
  forget.set_suppress(true);
  v1::ForgetContactResponse forgotten;
  ASSERT_TRUE(
      world.pictures->ForgetContact(world.Context().get(), forget, &forgotten)
          .ok());
  EXPECT_GT(forgotten.records_erased(), 0u);
  EXPECT_THAT(world.sessions->forgotten(),
              Contains("13105551234@s.whatsapp.net"));
  const grpc::Status status =
      world.pictures->GetProfilePicture(world.Context().get(), get, &picture);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(DetailsOf(status).info.reason(), "ERROR_REASON_SUPPRESSED");
}

absl::Status StartSecond(World& world, const ServerOptions& options) {
  return PortraitServer::Start(world.io.context(), world.backends(), options)
      .status();
}

TEST(ServerTest, APortThatIsTakenIsAnError) {
  World world;
  ServerOptions options;
  options.listen = world.server->address();
  const absl::Status status = StartSecond(world, options);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr(options.listen));
}

TEST(ServerTest, ListensForOtherMachinesOnlyWithProtectionOrAFlag) {
  World world;
  ServerOptions options;
  for (const std::string host : {"0.0.0.0", "[::]", "192.0.2.1", "example"}) {
    options.listen = host + ":0";
    const absl::Status status = StartSecond(world, options);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << host;
    EXPECT_THAT(std::string(status.message()),
                AllOf(HasSubstr("--behind-front"), HasSubstr("--tls-client-ca"),
                      HasSubstr("--insecure-listen")));
  }
  options.listen = "0.0.0.0:0";
  // TLS without client certificates does not keep attackers out.
  options.tls.certificate = "certificate.pem";
  options.tls.key = "key.pem";
  EXPECT_THAT(std::string(StartSecond(world, options).message()),
              HasSubstr("--behind-front"));
  options.tls = {};
  options.insecure_listen = true;
  EXPECT_TRUE(StartSecond(world, options).ok());
  options.insecure_listen = false;
  options.behind_front = true;
  EXPECT_TRUE(StartSecond(world, options).ok());
}

TEST(ServerTest, ServesOnAUnixSocketOfItsOwnersGroup) {
  World world;
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/socket";
  ServerOptions options;
  options.listen = "unix:" + path;
  auto server =
      PortraitServer::Start(world.io.context(), world.backends(), options);
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_EQ((*server)->address(), options.listen);
  struct stat file = {};
  ASSERT_EQ(stat(path.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0660u);
  const auto pictures = v1::ProfilePictureService::NewStub(
      grpc::CreateChannel(options.listen, grpc::InsecureChannelCredentials()));
  v1::GetProfilePictureRequest request;
  request.set_contact("+13105551234");
  v1::GetProfilePictureResponse response;
  const grpc::Status status =
      pictures->GetProfilePicture(world.Context().get(), request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
}

// One open stream of each kind while the server drains.
class DrainTest : public testing::Test {
 protected:
  void ExpectShuttingDown(const grpc::Status& status) {
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
    EXPECT_EQ(status.error_message(), "server is shutting down; reconnect");
    EXPECT_EQ(DetailsOf(status).info.reason(), "ERROR_REASON_SHUTTING_DOWN");
  }

  World world_;
};

TEST_F(DrainTest, StreamsWithoutPendingItemsEndAtOnce) {
  auto enrich_context = world_.Context();
  auto enrich = world_.pictures->EnrichProfilePictures(enrich_context.get());
  v1::EnrichProfilePicturesRequest request;
  request.add_items()->set_contact("+13105551234");
  ASSERT_TRUE(enrich->Write(request));
  v1::EnrichProfilePicturesResponse response;
  do {
    ASSERT_TRUE(enrich->Read(&response));
  } while (response.results_size() == 0);

  auto watch_context = world_.Context();
  auto watch =
      world_.pictures->WatchProfilePictureChanges(watch_context.get(), {});
  v1::WatchProfilePictureChangesResponse change;
  ASSERT_TRUE(watch->Read(&change));

  auto pair_context = world_.Context();
  auto pair = world_.accounts->PairSession(pair_context.get(), {});
  ASSERT_TRUE(
      WaitUntil([this] { return world_.sessions->pairing() != nullptr; }));

  const absl::Time start = absl::Now();
  world_.server->Drain(absl::Minutes(10));
  EXPECT_LT(absl::Now() - start, kTestDeadline);
  while (enrich->Read(&response)) {
  }
  ExpectShuttingDown(enrich->Finish());
  ExpectShuttingDown(watch->Finish());
  ExpectShuttingDown(pair->Finish());
  EXPECT_TRUE(world_.sessions->pairing_abandoned());
}

TEST_F(DrainTest, ALookupInFlightIsStillAnswered) {
  world_.sessions->Hold(true);
  grpc::Status status;
  v1::GetProfilePictureResponse response;
  std::thread caller([&] {
    v1::GetProfilePictureRequest request;
    request.set_contact("+13105551234");
    status = world_.pictures->GetProfilePicture(world_.Context().get(), request,
                                                &response);
  });
  ASSERT_TRUE(
      WaitUntil([this] { return world_.scheduler->depth().queued == 1; }));
  std::thread drain([this] { world_.server->Drain(absl::Minutes(1)); });
  world_.sessions->Hold(false);
  caller.join();
  drain.join();
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.profile_picture().id(), "id-13105551234");
}

TEST_F(DrainTest, ItemsWithoutAResultFailWithUnavailable) {
  world_.sessions->Hold(true);
  auto context = world_.Context();
  auto stream = world_.pictures->EnrichProfilePictures(context.get());
  v1::EnrichProfilePicturesRequest request;
  request.add_items()->set_contact("+13105551234");
  ASSERT_TRUE(stream->Write(request));
  ASSERT_TRUE(stream->WritesDone());
  ASSERT_TRUE(
      WaitUntil([this] { return world_.scheduler->depth().queued == 1; }));
  world_.server->Drain(absl::Milliseconds(10));
  v1::EnrichProfilePicturesResponse response;
  while (stream->Read(&response)) EXPECT_EQ(response.results_size(), 0);
  ExpectShuttingDown(stream->Finish());
}

TEST_F(DrainTest, AWatcherThatDoesNotReadIsDisconnected) {
  auto context = world_.Context();
  v1::WatchProfilePictureChangesRequest request;
  request.set_resume_token(MakeResumeToken(0));
  std::vector<Observation> many(100);
  for (int round = 0; round < 100; ++round) {
    for (int i = 0; i < 100; ++i) {
      many[i].jid = absl::StrCat("131055", round, 1000 + i, "@s.whatsapp.net");
      many[i].registration = v1::REGISTRATION_REGISTERED;
      many[i].state = v1::PICTURE_STATE_AVAILABLE;
      many[i].picture_id = std::string(60, 'x');
      many[i].observed_at = absl::Now();
    }
    ASSERT_TRUE(world_.stores.pictures->Apply(many).ok());
  }
  auto watch =
      world_.pictures->WatchProfilePictureChanges(context.get(), request);
  v1::WatchProfilePictureChangesResponse response;
  ASSERT_TRUE(watch->Read(&response));
  world_.server->Drain(absl::Seconds(1));
  while (watch->Read(&response)) {
  }
  EXPECT_FALSE(watch->Finish().ok());
}

TEST_F(DrainTest, ASecondDrainHasNoEffect) {
  world_.server->Drain(absl::ZeroDuration());
  world_.server->Drain(absl::ZeroDuration());
}

}  // namespace
}  // namespace portrait
