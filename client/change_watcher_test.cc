#include "client/change_watcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "client/testing/scripted_server.h"

namespace portrait::client {
namespace {

using ::testing::ElementsAre;

std::unique_ptr<PortraitClient> ClientOf(const ScriptedServer& server) {
  auto client = PortraitClient::Make({.server = server.address()});
  EXPECT_TRUE(client.ok()) << client.status();
  return *std::move(client);
}

WatchOptions Quick() {
  WatchOptions options;
  options.first_backoff = absl::Milliseconds(1);
  options.longest_backoff = absl::Milliseconds(20);
  return options;
}

TEST(ChangeWatcherTest, ContinuesAtThePositionOfTheBrokenStream) {
  std::vector<std::string> tokens;
  Script script;
  script.watch = [&](int call, grpc::ServerContext*,
                     const v1::WatchProfilePictureChangesRequest& request,
                     auto* writer) {
    tokens.push_back(request.resume_token());
    EXPECT_EQ(request.contacts_size(), 1);
    v1::WatchProfilePictureChangesResponse response;
    response.add_changes()->set_sequence(static_cast<uint64_t>(call));
    response.set_resume_token(absl::StrCat("after-", call));
    writer->Write(response);
    return grpc::Status(call == 3 ? grpc::StatusCode::PERMISSION_DENIED
                                  : grpc::StatusCode::UNAVAILABLE,
                        "over");
  };
  ScriptedServer server(script);
  auto client = ClientOf(server);
  WatchOptions options = Quick();
  options.resume_token = "start";
  options.contacts = {"+4915112345678"};
  int troubles = 0;
  options.on_trouble = [&](const absl::Status&) { ++troubles; };
  std::vector<uint64_t> sequences;
  const absl::Status status =
      ChangeWatcher(*client, options).Run([&](const auto& response) {
        for (const auto& change : response.changes()) {
          sequences.push_back(change.sequence());
        }
        return absl::OkStatus();
      });
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(sequences, ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(tokens, ElementsAre("start", "after-0", "after-1", "after-2"));
  EXPECT_EQ(troubles, 3);
}

TEST(ChangeWatcherTest, EndsWithTheSinksError) {
  Script script;
  script.watch = [](int, grpc::ServerContext* context, const auto&,
                    auto* writer) {
    while (!context->IsCancelled() && writer->Write({})) {
      absl::SleepFor(absl::Milliseconds(1));
    }
    return grpc::Status::CANCELLED;
  };
  ScriptedServer server(script);
  auto client = ClientOf(server);
  EXPECT_EQ(ChangeWatcher(*client, Quick()).Run([](const auto&) {
    return absl::DataLossError("disk full");
  }),
            absl::DataLossError("disk full"));
}

TEST(ChangeWatcherTest, CancelEndsAQuietStream) {
  absl::Notification started;
  Script script;
  script.watch = [&](int, grpc::ServerContext* context, const auto&, auto*) {
    started.Notify();
    while (!context->IsCancelled()) absl::SleepFor(absl::Milliseconds(1));
    return grpc::Status::CANCELLED;
  };
  ScriptedServer server(script);
  auto client = ClientOf(server);
  ChangeWatcher watcher(*client, Quick());
  std::thread canceller([&] {
    started.WaitForNotification();
    watcher.Cancel();
  });
  EXPECT_EQ(watcher.Run([](const auto&) { return absl::OkStatus(); }).code(),
            absl::StatusCode::kCancelled);
  canceller.join();
}

TEST(ChangeWatcherTest, GivesUpWhenNoServerComesBack) {
  ScriptedServer server({});
  auto client = ClientOf(server);
  server.Kill();
  WatchOptions options = Quick();
  options.retry_for = absl::Milliseconds(50);
  EXPECT_EQ(ChangeWatcher(*client, options)
                .Run([](const auto&) { return absl::OkStatus(); })
                .code(),
            absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace portrait::client
