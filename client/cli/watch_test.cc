// Tests portrait watch with a scripted server.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "client/cli/testing/portrait_test_fixture.h"
#include "tests/support/test_deadline.h"

namespace portrait::cli {
namespace {

using ::portrait::client::Script;
using ::portrait::client::ScriptedServer;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using ChangeWriter = grpc::ServerWriter<v1::WatchProfilePictureChangesResponse>;

v1::WatchProfilePictureChangesResponse Changes(int count,
                                               const std::string& token) {
  v1::WatchProfilePictureChangesResponse response;
  for (int i = 0; i < count; ++i) {
    v1::ProfilePictureChange& change = *response.add_changes();
    change.set_phone_number(absl::StrCat("+49151", i));
    change.set_kind(v1::CHANGE_KIND_REPLACED);
  }
  response.set_resume_token(token);
  return response;
}

// Sends heartbeats, as a server does without changes, but faster.
grpc::Status StayQuiet(grpc::ServerContext* context, ChangeWriter* writer,
                       const std::string& token) {
  while (!context->IsCancelled() && writer->Write(Changes(0, token))) {
    absl::SleepFor(absl::Milliseconds(5));
  }
  return grpc::Status::CANCELLED;
}

TEST_F(PortraitTest, WatchesUntilIdleAndSavesItsPosition) {
  std::vector<std::string> tokens;
  Script script;
  script.watch = [&tokens](int call, grpc::ServerContext* context,
                           const auto& request, ChangeWriter* writer) {
    tokens.push_back(request.resume_token());
    const std::string token = absl::StrCat("after-", call);
    if (call == 0) writer->Write(Changes(2, token));
    return StayQuiet(context, writer, token);
  };
  ScriptedServer server(script);
  const std::vector<std::string> command = {"watch", "--until-idle", "200ms",
                                            "--resume-file", Path("place")};
  Ended ended = RunWith(server, command);
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_THAT(Lines(ended.out),
              ElementsAre(AllOf(HasSubstr("\"phone_number\":\"+491510\""),
                                HasSubstr("\"kind\":\"REPLACED\"")),
                          HasSubstr("+491511")));
  EXPECT_EQ(ReadAll(Path("place")), "after-0\n");
  // A response without changes also has a resume token.
  ended = RunWith(server, command);
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_THAT(ended.out, IsEmpty());
  EXPECT_EQ(ReadAll(Path("place")), "after-1\n");
  EXPECT_THAT(tokens, ElementsAre("", "after-0"));
}

TEST_F(PortraitTest, AResumeFileIsReplacedByRenaming) {
  Script script;
  script.watch = [](int, grpc::ServerContext* context, const auto&,
                    ChangeWriter* writer) {
    return StayQuiet(context, writer, "after");
  };
  ScriptedServer server(script);
  std::ifstream before(Write("place", "before\n"));
  const Ended ended = RunWith(
      server, {"watch", "--until-idle", "1ms", "--resume-file", Path("place")});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(ReadAll(Path("place")), "after\n");
  // A reader that has the old file open still reads it whole.
  std::string token;
  EXPECT_TRUE(std::getline(before, token));
  EXPECT_EQ(token, "before");
}

TEST_F(PortraitTest, AResumeFileThatCannotBeReadIsAnErrorAndStaysAsItIs) {
  Script script;
  script.watch = [](int, grpc::ServerContext* context, const auto&,
                    ChangeWriter* writer) {
    return StayQuiet(context, writer, "after");
  };
  ScriptedServer server(script);
  const auto watch = [&](const std::string& file) {
    return RunWith(server,
                   {"watch", "--until-idle", "1ms", "--resume-file", file});
  };
  // The file is empty or has no token. If the command started with the next
  // change instead, it would skip changes.
  for (const char* content : {"", "\n", "two words\n", "a\nb\n"}) {
    const Ended ended = watch(Write("place", content));
    EXPECT_EQ(ended.exit_code, 1) << content;
    EXPECT_THAT(ended.err, HasSubstr("does not contain a resume token"));
    EXPECT_EQ(ReadAll(Path("place")), content);
  }
  // Not to be opened.
  ASSERT_EQ(symlink("loop", Path("loop").c_str()), 0);
  Ended ended = watch(Path("loop"));
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_THAT(ended.err, HasSubstr("cannot read"));
  EXPECT_TRUE(std::filesystem::is_symlink(Path("loop")));
  // A folder.
  ended = watch(folder_.path());
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_THAT(ended.err, HasSubstr("it is a folder"));
}

TEST_F(PortraitTest, UntilIdleStartsWithTheFirstMessage) {
  Script script;
  script.watch = [](int, grpc::ServerContext* context, const auto&,
                    ChangeWriter* writer) {
    writer->Write(Changes(1, "after"));
    return StayQuiet(context, writer, "after");
  };
  ScriptedServer server(script);
  const Ended ended = RunWith(server, {"watch", "--until-idle", "1ms"});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(Lines(ended.out).size(), 1u);
}

TEST_F(PortraitTest, WatchesUntilInterruptedUnlessToldOtherwise) {
  absl::Notification watched;
  Script script;
  script.watch = [&watched](int call, grpc::ServerContext* context, const auto&,
                            ChangeWriter* writer) {
    if (call == 0) watched.Notify();
    return StayQuiet(context, writer, "here");
  };
  ScriptedServer server(script);
  const pid_t pid = Start({"watch", "--server", server.address()});
  EXPECT_TRUE(watched.WaitForNotificationWithTimeout(kTestDeadline));
  kill(pid, SIGINT);
  EXPECT_EQ(Wait(pid).exit_code, 130);
}

// A terminal that a program can open by its name.
class TestTerminal {
 public:
  TestTerminal() : reader_(posix_openpt(O_RDWR | O_NOCTTY)) {
    EXPECT_EQ(grantpt(reader_), 0);
    EXPECT_EQ(unlockpt(reader_), 0);
  }
  ~TestTerminal() { close(reader_); }

  std::string name() const { return ptsname(reader_); }

  // All that is written until no program has the terminal open any more.
  std::string ReadAll() {
    std::string all(4096, '\0');
    size_t size = 0;
    ssize_t got = 0;
    while (size < all.size() &&
           (got = read(reader_, all.data() + size, all.size() - size)) > 0) {
      size += static_cast<size_t>(got);
    }
    return all.substr(0, size);
  }

 private:
  const int reader_;
};

TEST_F(PortraitTest, WatchReportsOnATerminalThatItWaits) {
  Script script;
  script.watch = [](int, grpc::ServerContext* context, const auto&,
                    ChangeWriter* writer) {
    return StayQuiet(context, writer, "here");
  };
  ScriptedServer server(script);
  const std::vector<std::string> command = {"watch", "--until-idle", "1ms",
                                            "--server", server.address()};
  const auto told = [&](std::vector<std::string> contacts) {
    TestTerminal terminal;
    std::filesystem::create_symlink(terminal.name(), Path("stderr"));
    contacts.insert(contacts.begin(), command.begin(), command.end());
    const pid_t pid = Start(std::move(contacts));
    std::string text = terminal.ReadAll();
    std::filesystem::remove(Path("stderr"));
    EXPECT_EQ(Wait(pid).exit_code, 0) << text;
    return text;
  };
  EXPECT_EQ(told({}),
            "portrait: watching all contacts; press Ctrl-C to stop\r\n");
  EXPECT_THAT(told({"+4915110001", "+4915110002"}),
              HasSubstr("watching 2 contacts; press"));
  // Standard error is a file here, so no person is waiting for the message.
  EXPECT_THAT(Run(command).err, IsEmpty());
}

TEST_F(PortraitTest, WatchReportsWhyItFails) {
  Script script;
  script.watch = [](int, grpc::ServerContext*, const auto&, ChangeWriter*) {
    return grpc::Status(grpc::StatusCode::UNAUTHENTICATED, "unknown token");
  };
  ScriptedServer server(script);
  Ended ended = RunWith(server, {"watch", "--until-idle", "100ms"});
  EXPECT_EQ(ended.exit_code, 4);
  EXPECT_THAT(ended.err, HasSubstr("does not accept the token"));
  ended = RunWith(server, {"watch", "--until-idle", "soon"});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_THAT(ended.err, HasSubstr("--until-idle soon"));
}

}  // namespace
}  // namespace portrait::cli
