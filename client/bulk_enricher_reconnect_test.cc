// A bulk run whose server breaks its streams, drains, refuses or dies.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "client/testing/bulk_run.h"

namespace portrait::client {
namespace {

TEST(BulkEnricherTest, GivesOneResultEachWhereverTheStreamBreaks) {
  constexpr int kItems = 12;
  for (int answered = 0; answered <= kItems; ++answered) {
    for (const int together : {1, 5}) {
      SCOPED_TRACE(absl::StrCat(answered, " answered, ", together, " at once"));
      std::set<std::string> answered_before;
      std::set<std::string> asked_again;
      Script script;
      script.enrich = [&](int call, grpc::ServerContext*,
                          EnrichStream* stream) {
        v1::EnrichProfilePicturesRequest request;
        v1::EnrichProfilePicturesResponse response;
        int seen = 0;
        while (stream->Read(&request)) {
          for (const v1::EnrichItem& item : request.items()) {
            if (call == 0 && seen == answered) {
              if (response.results_size() > 0) stream->Write(response);
              return Unavailable();
            }
            ++seen;
            *response.add_results() = AnswerFor(item);
            (call == 0 ? answered_before : asked_again).insert(item.contact());
            if (response.results_size() < together) continue;
            stream->Write(response);
            response.Clear();
          }
        }
        if (response.results_size() > 0) stream->Write(response);
        return call == 0 ? Unavailable() : grpc::Status::OK;
      };
      ScriptedServer server(script);
      auto client = ClientOf(server);
      Collected got;
      ASSERT_EQ(BulkEnricher(*client, Quick()).Run(Numbers(kItems), got.sink()),
                absl::OkStatus());
      got.ExpectOneEach(kItems);
      // Answered items were not sent again, and all others were.
      for (const std::string& contact : answered_before) {
        EXPECT_EQ(asked_again.count(contact), 0u);
      }
      EXPECT_EQ(answered_before.size() + asked_again.size(),
                static_cast<size_t>(kItems));
    }
  }
}

TEST(BulkEnricherTest, SurvivesAServerThatIsKilledAgainAndAgain) {
  ScriptedServer server({});
  auto client = ClientOf(server);
  constexpr int kItems = 60'000;
  Collected got;
  std::thread killer;
  absl::Notification done;
  killer = std::thread([&] {
    while (!done.WaitForNotificationWithTimeout(absl::Milliseconds(60))) {
      server.Kill();
      server.Restart();
    }
  });
  EXPECT_EQ(BulkEnricher(*client, Quick()).Run(Numbers(kItems), got.sink()),
            absl::OkStatus());
  done.Notify();
  killer.join();
  got.ExpectOneEach(kItems);
}

TEST(BulkEnricherTest, RepeatsItemsThatADrainingServerDidNotAnswer) {
  Script script;
  script.enrich = [](int call, grpc::ServerContext*, EnrichStream* stream) {
    v1::EnrichProfilePicturesRequest request;
    while (stream->Read(&request)) {
      v1::EnrichProfilePicturesResponse response;
      for (const v1::EnrichItem& item : request.items()) {
        v1::EnrichResult& result = *response.add_results();
        result = AnswerFor(item);
        if (call < 2 && item.tag() % 2 == 0) {
          result.mutable_error()->set_reason(v1::ERROR_REASON_SHUTTING_DOWN);
        }
      }
      stream->Write(response);
    }
    return grpc::Status::OK;
  };
  ScriptedServer server(script);
  auto client = ClientOf(server);
  Collected got;
  ASSERT_EQ(BulkEnricher(*client, Quick()).Run(Numbers(1500), got.sink()),
            absl::OkStatus());
  got.ExpectOneEach(1500);
  EXPECT_GE(server.enrich_calls(), 3);
}

TEST(BulkEnricherTest, AStreamThatEndsEarlyIsReopened) {
  Script script;
  script.enrich = [](int call, grpc::ServerContext*, EnrichStream* stream) {
    return call == 0 ? grpc::Status::OK : AnswerAll(stream);
  };
  ScriptedServer server(script);
  auto client = ClientOf(server);
  Collected got;
  ASSERT_EQ(BulkEnricher(*client, Quick()).Run(Numbers(20), got.sink()),
            absl::OkStatus());
  got.ExpectOneEach(20);
}

TEST(BulkEnricherTest, GivesUpAtOnceWhenTheServerRefuses) {
  for (const auto code :
       {grpc::StatusCode::UNAUTHENTICATED, grpc::StatusCode::PERMISSION_DENIED,
        grpc::StatusCode::INVALID_ARGUMENT,
        grpc::StatusCode::FAILED_PRECONDITION,
        grpc::StatusCode::UNIMPLEMENTED}) {
    Script script;
    script.enrich = [code](int, grpc::ServerContext*, EnrichStream*) {
      return grpc::Status(code, "no");
    };
    ScriptedServer server(script);
    auto client = ClientOf(server);
    Collected got;
    const absl::Status status =
        BulkEnricher(*client, Quick()).Run(Numbers(20), got.sink());
    EXPECT_EQ(static_cast<int>(status.code()), static_cast<int>(code));
    EXPECT_EQ(server.enrich_calls(), 1);
  }
}

TEST(BulkEnricherTest, SendsItsToken) {
  Script script;
  script.token = "sesame";
  ScriptedServer server(script);
  Collected got;
  auto stranger = ClientOf(server, "guess");
  EXPECT_EQ(BulkEnricher(*stranger, Quick()).Run(Numbers(1), got.sink()).code(),
            absl::StatusCode::kUnauthenticated);
  auto client = ClientOf(server, "sesame");
  EXPECT_EQ(BulkEnricher(*client, Quick()).Run(Numbers(1), got.sink()),
            absl::OkStatus());
}

TEST(BulkEnricherTest, GivesUpWhenNoServerComesBack) {
  ScriptedServer server({});
  auto client = ClientOf(server);
  server.Kill();
  BulkOptions options = Quick();
  options.retry_for = absl::Milliseconds(100);
  Collected got;
  BulkProgress last;
  options.on_progress = [&](const BulkProgress& progress) { last = progress; };
  const absl::Time start = absl::Now();
  const absl::Status status =
      BulkEnricher(*client, options).Run(Numbers(20), got.sink());
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_GE(absl::Now() - start, options.retry_for);
  EXPECT_GT(last.reconnects, 1u);
  EXPECT_FALSE(last.trouble.ok());
}

TEST(BulkEnricherTest, ReconnectsIfTheServerIsSilent) {
  Script script;
  script.enrich = [](int call, grpc::ServerContext* context,
                     EnrichStream* stream) {
    if (call > 0) return AnswerAll(stream);
    while (!context->IsCancelled()) absl::SleepFor(absl::Milliseconds(1));
    return grpc::Status::CANCELLED;
  };
  ScriptedServer server(script);
  auto client = ClientOf(server);
  BulkOptions options = Quick();
  options.silence = absl::Milliseconds(100);
  Collected got;
  ASSERT_EQ(BulkEnricher(*client, options).Run(Numbers(20), got.sink()),
            absl::OkStatus());
  got.ExpectOneEach(20);
  EXPECT_EQ(server.enrich_calls(), 2);
}

}  // namespace
}  // namespace portrait::client
