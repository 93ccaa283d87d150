// Tests the calls that come from this process without gRPC: the same tokens,
// metrics and limits apply to them.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/testing/service_test_world.h"

namespace portrait {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Lookup(const std::string& contact) {
  v1::GetProfilePictureRequest request;
  request.set_contact(contact);
  return request.SerializeAsString();
}

std::string Items(int count) {
  v1::EnrichProfilePicturesRequest request;
  for (int i = 0; i < count; ++i) {
    v1::EnrichItem* const item = request.add_items();
    item->set_tag(i + 1);
    item->set_contact(absl::StrCat("+1310", 5550000 + i));
  }
  return request.SerializeAsString();
}

// Waits for a value that a function gets on any thread.
template <typename T>
class Awaited {
 public:
  std::function<void(T)> Setter() {
    return [this](T value) {
      value_ = std::move(value);
      is_set_.Notify();
    };
  }
  T Wait() {
    EXPECT_TRUE(is_set_.WaitForNotificationWithTimeout(kTestDeadline));
    return std::move(value_);
  }

 private:
  absl::Notification is_set_;
  T value_ = {};
};

class DirectCallTest : public testing::Test {
 protected:
  // A call with these tokens, or with the administrator's.
  DirectCall CallWith(const std::string& request,
                      std::vector<std::string> tokens) {
    request_ = request;
    headers_.clear();
    DirectCall call;
    for (const std::string& token : tokens) {
      headers_.push_back(absl::StrCat("Bearer ", token));
    }
    for (const std::string& header : headers_) {
      call.authorizations.push_back(header);
    }
    call.request = request_;
    return call;
  }
  DirectCall CallOf(const std::string& request) {
    return CallWith(request, {world_.admin_token});
  }
  DirectAnswer AnswerOf(const DirectCall& call) {
    const auto lookup = world_.server->StartLookup(call);
    absl::Notification ended;
    if (lookup->WaitFor([&] { ended.Notify(); })) {
      EXPECT_TRUE(ended.WaitForNotificationWithTimeout(kTestDeadline));
    }
    return lookup->TakeAnswer();
  }
  static bool Write(DirectStream& stream, std::string message) {
    Awaited<bool> taken;
    stream.Write(std::move(message), taken.Setter());
    return taken.Wait();
  }
  static std::optional<std::string> Read(DirectStream& stream) {
    Awaited<std::optional<std::string>> got;
    stream.Read(got.Setter());
    return got.Wait();
  }
  static grpc::Status EndOf(DirectStream& stream) {
    Awaited<grpc::Status> ended;
    stream.WaitForEnd(ended.Setter());
    return ended.Wait();
  }
  // Reads to the end; returns the number of results.
  static int ReadAll(DirectStream& stream) {
    int results = 0;
    while (const std::optional<std::string> message = Read(stream)) {
      v1::EnrichProfilePicturesResponse response;
      EXPECT_TRUE(response.ParseFromString(*message));
      results += response.results_size();
    }
    return results;
  }

  World world_;
  std::string request_;
  std::vector<std::string> headers_;
};

TEST_F(DirectCallTest, ALookupThatTheStoreAnswersHasEndedAtOnce) {
  ASSERT_TRUE(AnswerOf(CallOf(Lookup("+13105551234"))).status.ok());
  const auto lookup =
      world_.server->StartLookup(CallOf(Lookup("+13105551234")));
  ASSERT_FALSE(lookup->WaitFor([] {}));
  const DirectAnswer answer = lookup->TakeAnswer();
  ASSERT_TRUE(answer.status.ok());
  v1::GetProfilePictureResponse response;
  ASSERT_TRUE(response.ParseFromString(answer.response));
  EXPECT_EQ(response.profile_picture().id(), "id-13105551234");
  EXPECT_EQ(response.profile_picture().source(), v1::SOURCE_STORE);
}

TEST_F(DirectCallTest, ExactlyOneTokenWithTheRightIsNeeded) {
  const std::string watcher = world_.MakeToken("acme", {v1::RIGHT_WATCH});
  const std::string& admin = world_.admin_token;
  const std::vector<std::pair<std::vector<std::string>, absl::StatusCode>>
      cases = {{{}, absl::StatusCode::kUnauthenticated},
               {{"unknown"}, absl::StatusCode::kUnauthenticated},
               {{admin, admin}, absl::StatusCode::kUnauthenticated},
               {{watcher}, absl::StatusCode::kPermissionDenied}};
  for (const auto& [tokens, code] : cases) {
    SCOPED_TRACE(absl::StatusCodeToString(code));
    const DirectCall call = CallWith(Lookup("+13105551234"), tokens);
    EXPECT_EQ(AnswerOf(call).status.code(), code);
    const auto stream = world_.server->StartEnrich(call);
    EXPECT_FALSE(Write(*stream, Items(1)));
    EXPECT_EQ(Read(*stream), std::nullopt);
    EXPECT_EQ(EndOf(*stream).error_code(), static_cast<int>(code));
  }
  EXPECT_EQ(world_.sessions->taken(), 0u);
}

TEST_F(DirectCallTest, QuotaAndMalformedRequestsAreRefused) {
  const std::string token = world_.MakeLookupToken("acme", /*quota=*/1);
  EXPECT_TRUE(AnswerOf(CallWith(Lookup("+13105551234"), {token})).status.ok());
  EXPECT_EQ(AnswerOf(CallWith(Lookup("+13105551234"), {token})).status.code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(AnswerOf(CallOf("\x0a\xff")).status.code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(DirectCallTest, ALookupEndsWithTheReasonWhyItIsGivenUp) {
  world_.sessions->Hold(true);
  const auto lookup =
      world_.server->StartLookup(CallOf(Lookup("+13105551234")));
  absl::Notification ended;
  ASSERT_TRUE(lookup->WaitFor([&] { ended.Notify(); }));
  lookup->GiveUp(absl::CancelledError("gone"));
  ASSERT_TRUE(ended.HasBeenNotified());
  lookup->GiveUp(absl::DeadlineExceededError("late"));
  EXPECT_EQ(lookup->TakeAnswer().status, absl::CancelledError("gone"));
  DirectCall late = CallOf(Lookup("+13105551234"));
  late.deadline = absl::UnixEpoch();
  EXPECT_EQ(AnswerOf(late).status.code(), absl::StatusCode::kDeadlineExceeded);
}

TEST_F(DirectCallTest, TheCallersIdAndTraceComeBackAndTheCallIsCounted) {
  const std::string trace =
      "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  DirectCall call = CallOf(Lookup("+13105551234"));
  call.request_id = "mine";
  call.trace_parent = trace;
  const DirectAnswer answer = AnswerOf(call);
  EXPECT_EQ(answer.request_id, "mine");
  EXPECT_EQ(answer.trace_parent, trace);
  EXPECT_THAT(AnswerOf(CallOf(Lookup("+13105551234"))).request_id,
              Not(testing::IsEmpty()));
  const auto stream = world_.server->StartEnrich(call);
  EXPECT_EQ(stream->request_id(), "mine");
  stream->WritesDone();
  EXPECT_EQ(ReadAll(*stream), 0);
  EXPECT_TRUE(EndOf(*stream).ok());
  std::vector<std::string> counted;
  for (const auto& family : world_.metrics.registry()->Collect()) {
    for (const auto& metric : family.metric) {
      for (const auto& label : metric.label) {
        if (label.name == "method" && metric.counter.value > 0) {
          counted.push_back(
              absl::StrCat(label.value, " ", metric.counter.value));
        }
      }
    }
  }
  EXPECT_THAT(counted, testing::UnorderedElementsAre(
                           "ProfilePictureService/GetProfilePicture 2",
                           "ProfilePictureService/EnrichProfilePictures 1"));
}

TEST_F(DirectCallTest, AStreamGivesOneResultForEachItem) {
  const auto stream = world_.server->StartEnrich(CallOf(""));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Write(*stream, Items(500)));
  stream->WritesDone();
  EXPECT_EQ(ReadAll(*stream), 1500);
  EXPECT_TRUE(EndOf(*stream).ok());
}

TEST_F(DirectCallTest, AStreamTakesNoMoreThanItsWindowUntilResultsCome) {
  world_.sessions->Hold(true);
  const auto stream = world_.server->StartEnrich(CallOf(""));
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(Write(*stream, Items(1000)));
  absl::Notification taken;
  stream->Write(Items(1000), [&](bool) { taken.Notify(); });
  EXPECT_FALSE(taken.HasBeenNotified());
  world_.sessions->Hold(false);
  stream->WritesDone();
  int results = 0;
  while (!taken.HasBeenNotified()) {
    v1::EnrichProfilePicturesResponse response;
    ASSERT_TRUE(response.ParseFromString(Read(*stream).value_or("")));
    results += response.results_size();
  }
  EXPECT_GT(results, 0);
  EXPECT_EQ(results + ReadAll(*stream), 5000);
  EXPECT_TRUE(EndOf(*stream).ok());
}

TEST_F(DirectCallTest, ACancelledStreamEndsAndTakesNothingMore) {
  world_.sessions->Hold(true);
  const auto stream = world_.server->StartEnrich(CallOf(""));
  ASSERT_TRUE(Write(*stream, Items(1)));
  stream->Cancel(absl::DeadlineExceededError("the deadline has passed"));
  const grpc::Status status = EndOf(*stream);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_THAT(status.error_message(), HasSubstr("deadline"));
  EXPECT_FALSE(Write(*stream, Items(1)));
  EXPECT_EQ(Read(*stream), std::nullopt);
}

TEST_F(DirectCallTest, DrainingEndsAWaitingStream) {
  world_.sessions->Hold(true);
  const auto stream = world_.server->StartEnrich(CallOf(""));
  ASSERT_TRUE(Write(*stream, Items(1)));
  world_.server->Drain(absl::ZeroDuration());
  while (Read(*stream).has_value()) {
  }
  EXPECT_EQ(EndOf(*stream).error_code(), grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace portrait
