#include "client/bulk_enricher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "client/testing/scripted_server.h"

namespace portrait::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A source of the contacts +10000, +10001, …
BulkEnricher::Source Numbers(int count) {
  return [next = 0,
          count]() mutable -> absl::StatusOr<std::optional<v1::EnrichItem>> {
    if (next == count) return std::nullopt;
    v1::EnrichItem item;
    item.set_tag(static_cast<uint64_t>(next));
    item.set_contact(absl::StrCat("+", 10'000 + next++));
    return item;
  };
}

// The results that a run passed to its sink.
struct Collected {
  std::vector<uint64_t> tags;
  std::map<uint64_t, v1::EnrichResult> by_tag;

  BulkEnricher::Sink sink() {
    return [this](v1::EnrichResult result) {
      tags.push_back(result.tag());
      by_tag[result.tag()] = std::move(result);
      return absl::OkStatus();
    };
  }

  void ExpectOneEach(int count) const {
    EXPECT_EQ(tags.size(), static_cast<size_t>(count));
    ASSERT_EQ(by_tag.size(), static_cast<size_t>(count));
    for (const auto& [tag, result] : by_tag) {
      v1::EnrichItem item;
      item.set_tag(tag);
      item.set_contact(absl::StrCat("+", 10'000 + tag));
      EXPECT_EQ(result.SerializeAsString(),
                AnswerFor(item).SerializeAsString());
    }
  }
};

std::unique_ptr<PortraitClient> ClientOf(const ScriptedServer& server,
                                         const std::string& token = "") {
  auto client =
      PortraitClient::Make({.server = server.address(), .token = token});
  EXPECT_TRUE(client.ok()) << client.status();
  return *std::move(client);
}

BulkOptions Quick() {
  BulkOptions options;
  options.first_backoff = absl::Milliseconds(1);
  options.longest_backoff = absl::Milliseconds(20);
  options.retry_for = absl::Seconds(60);
  return options;
}

grpc::Status Unavailable() {
  return grpc::Status(grpc::StatusCode::UNAVAILABLE, "going away");
}

TEST(BulkEnricherTest, GivesEachItemItsResult) {
  ScriptedServer server({});
  auto client = ClientOf(server);
  Collected got;
  BulkProgress last;
  BulkOptions options = Quick();
  options.on_progress = [&](const BulkProgress& progress) { last = progress; };
  EXPECT_EQ(BulkEnricher(*client, options).Run(Numbers(5000), got.sink()),
            absl::OkStatus());
  got.ExpectOneEach(5000);
  EXPECT_EQ(server.enrich_calls(), 1);
  EXPECT_EQ(last.taken, 5000u);
  EXPECT_EQ(last.completed, 5000u);
  EXPECT_EQ(last.from_whatsapp, 5000u);
  EXPECT_EQ(last.reconnects, 0u);
}

TEST(BulkEnricherTest, NeedsNoServerForNoItems) {
  ScriptedServer server({});
  auto client = ClientOf(server);
  Collected got;
  EXPECT_EQ(BulkEnricher(*client, {}).Run(Numbers(0), got.sink()),
            absl::OkStatus());
  EXPECT_EQ(server.enrich_calls(), 0);
}

TEST(BulkEnricherTest, SendsBatchesAndTheOptionsOnce) {
  std::vector<int> sizes;
  std::vector<bool> with_options;
  Script script;
  script.enrich = [&](int, grpc::ServerContext*, EnrichStream* stream) {
    v1::EnrichProfilePicturesRequest request;
    while (stream->Read(&request)) {
      sizes.push_back(request.items_size());
      with_options.push_back(request.has_options());
      v1::EnrichProfilePicturesResponse response;
      for (const auto& item : request.items()) {
        *response.add_results() = AnswerFor(item);
      }
      stream->Write(response);
    }
    return grpc::Status::OK;
  };
  ScriptedServer server(script);
  auto client = ClientOf(server);
  BulkOptions options = Quick();
  options.lookup.set_session("main");
  Collected got;
  ASSERT_EQ(BulkEnricher(*client, options).Run(Numbers(3000), got.sink()),
            absl::OkStatus());
  EXPECT_LE(*std::max_element(sizes.begin(), sizes.end()), 500);
  EXPECT_TRUE(with_options[0]);
  EXPECT_EQ(std::count(with_options.begin(), with_options.end(), true), 1);
}

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

TEST(BulkEnricherTest, ReadsNoMoreThanTheWindowFromTheSource) {
  absl::Notification checked;
  Script script;
  script.enrich = [&](int, grpc::ServerContext*, EnrichStream* stream) {
    std::vector<v1::EnrichItem> items;
    v1::EnrichProfilePicturesRequest request;
    while (items.size() < 1000 && stream->Read(&request)) {
      items.insert(items.end(), request.items().begin(), request.items().end());
    }
    checked.WaitForNotification();
    v1::EnrichProfilePicturesResponse response;
    for (const auto& item : items) *response.add_results() = AnswerFor(item);
    stream->Write(response);
    return AnswerAll(stream);
  };
  ScriptedServer server(script);
  auto client = ClientOf(server);
  BulkOptions options = Quick();
  options.window.max_unanswered = 1000;
  std::atomic<int> taken = 0;
  Collected got;
  std::thread run([&] {
    EXPECT_EQ(BulkEnricher(*client, options)
                  .Run(
                      [&, numbers = Numbers(5000)]() mutable {
                        ++taken;
                        return numbers();
                      },
                      got.sink()),
              absl::OkStatus());
  });
  while (taken < 1001) absl::SleepFor(absl::Milliseconds(1));
  // Time in which the source could take too many items.
  absl::SleepFor(absl::Milliseconds(100));
  EXPECT_EQ(taken, 1001);  // the last item waits for room in the window
  checked.Notify();
  run.join();
  got.ExpectOneEach(5000);
}

TEST(BulkEnricherTest, ASlowSinkAppliesBackpressureToTheServer) {
  std::atomic<int> written = 0;
  Script script;
  script.enrich = [&](int, grpc::ServerContext*, EnrichStream* stream) {
    v1::EnrichProfilePicturesRequest request;
    stream->Read(&request);
    // Results are large, so that a few of them fill the connection.
    for (const auto& item : request.items()) {
      v1::EnrichProfilePicturesResponse response;
      *response.add_results() = AnswerFor(item);
      response.mutable_results(0)->mutable_profile_picture()->set_name(
          std::string(1'000'000, 'x'));
      stream->Write(response);
      ++written;
    }
    return AnswerAll(stream);
  };
  ScriptedServer server(script);
  auto client = ClientOf(server);
  BulkOptions options = Quick();
  // The time of the slow sink must not count.
  options.silence = absl::Seconds(2);
  int got = 0;
  int written_meanwhile = 0;
  EXPECT_EQ(BulkEnricher(*client, options)
                .Run(Numbers(200),
                     [&](v1::EnrichResult) {
                       if (got++ == 0) {
                         absl::SleepFor(absl::Seconds(3));
                         written_meanwhile = written;
                       }
                       return absl::OkStatus();
                     }),
            absl::OkStatus());
  EXPECT_EQ(got, 200);
  EXPECT_LT(written_meanwhile, 50);
  EXPECT_EQ(server.enrich_calls(), 1);
}

TEST(BulkEnricherTest, ReturnsResultsInOrderIfRequested) {
  Script script;
  script.enrich = [](int, grpc::ServerContext*, EnrichStream* stream) {
    v1::EnrichProfilePicturesRequest request;
    while (stream->Read(&request)) {
      v1::EnrichProfilePicturesResponse response;
      for (int i = request.items_size() - 1; i >= 0; --i) {
        *response.add_results() = AnswerFor(request.items(i));
      }
      stream->Write(response);
    }
    return grpc::Status::OK;
  };
  ScriptedServer server(script);
  auto client = ClientOf(server);
  BulkOptions options = Quick();
  options.window.ordered = true;
  Collected got;
  ASSERT_EQ(BulkEnricher(*client, options).Run(Numbers(3000), got.sink()),
            absl::OkStatus());
  got.ExpectOneEach(3000);
  EXPECT_TRUE(std::is_sorted(got.tags.begin(), got.tags.end()));
}

TEST(BulkEnricherTest, CountsResultsWhenTheyArriveInAnyOrder) {
  absl::Notification counted;
  Script script;
  // The first item has its result only after the others were counted.
  script.enrich = [&](int, grpc::ServerContext*, EnrichStream* stream) {
    v1::EnrichProfilePicturesRequest request;
    std::vector<v1::EnrichItem> items;
    while (items.size() < 50 && stream->Read(&request)) {
      items.insert(items.end(), request.items().begin(), request.items().end());
    }
    v1::EnrichProfilePicturesResponse response;
    for (size_t i = 1; i < items.size(); ++i) {
      *response.add_results() = AnswerFor(items[i]);
    }
    response.mutable_progress()->set_changed(90);
    stream->Write(response);
    counted.WaitForNotification();
    response.Clear();
    *response.add_results() = AnswerFor(items[0]);
    response.mutable_progress()->set_changed(2);
    stream->Write(response);
    return AnswerAll(stream);
  };
  ScriptedServer server(script);
  auto client = ClientOf(server);
  Collected got;
  BulkProgress last;
  BulkOptions options = Quick();
  options.window.ordered = true;
  options.progress_interval = absl::Milliseconds(1);
  options.on_progress = [&](const BulkProgress& progress) {
    last = progress;
    if (progress.completed != 49 || counted.HasBeenNotified()) return;
    EXPECT_EQ(got.tags.size(), 0u);
    EXPECT_EQ(progress.from_whatsapp, 49u);
    EXPECT_EQ(progress.changed, 49u);  // not the 90 of the server
    counted.Notify();
  };
  ASSERT_EQ(BulkEnricher(*client, options).Run(Numbers(50), got.sink()),
            absl::OkStatus());
  got.ExpectOneEach(50);
  EXPECT_EQ(last.completed, 50u);
  EXPECT_EQ(last.changed, 2u);
}

TEST(BulkEnricherTest, CountsAnItemThatIsNeverSentOnce) {
  ScriptedServer server({});
  auto client = ClientOf(server);
  BulkProgress last;
  BulkOptions options = Quick();
  options.on_progress = [&](const BulkProgress& progress) { last = progress; };
  Collected got;
  ASSERT_EQ(BulkEnricher(*client, options)
                .Run(
                    [numbers = Numbers(10)]() mutable {
                      auto item = numbers();
                      if (item->has_value() && (*item)->tag() < 3) {
                        (*item)->clear_contact();
                      }
                      return item;
                    },
                    got.sink()),
            absl::OkStatus());
  EXPECT_EQ(got.tags.size(), 10u);
  EXPECT_EQ(last.completed, 10u);
  EXPECT_EQ(last.failed, 3u);
  EXPECT_EQ(last.from_whatsapp, 7u);
}

TEST(BulkEnricherTest, CancelEndsARunWhoseSourceAndServerAreSilent) {
  Script script;
  script.enrich = [](int, grpc::ServerContext* context, EnrichStream*) {
    while (!context->IsCancelled()) absl::SleepFor(absl::Milliseconds(1));
    return grpc::Status::CANCELLED;
  };
  ScriptedServer server(script);
  auto client = ClientOf(server);
  absl::Notification stopped, waiting;
  BulkOptions options = Quick();
  options.stop_source = [&] { stopped.Notify(); };
  BulkEnricher enricher(*client, options);
  std::thread canceller([&] {
    waiting.WaitForNotification();
    enricher.Cancel();
  });
  Collected got;
  const absl::Status status = enricher.Run(
      [&, numbers = Numbers(10)]() mutable {
        auto item = numbers();
        if (item.ok() && item->has_value()) return item;
        waiting.Notify();
        stopped.WaitForNotification();
        return item;
      },
      got.sink());
  canceller.join();
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled);
}

TEST(BulkEnricherTest, AnswersItemsReadBeforeTheSourceFailed) {
  ScriptedServer server({});
  auto client = ClientOf(server);
  BulkEnricher::Source numbers = Numbers(10);
  const auto source =
      [&numbers]() -> absl::StatusOr<std::optional<v1::EnrichItem>> {
    auto item = numbers();
    if (!item->has_value()) return absl::DataLossError("line 11");
    return item;
  };
  Collected got;
  EXPECT_EQ(BulkEnricher(*client, Quick()).Run(source, got.sink()),
            absl::DataLossError("line 11"));
  got.ExpectOneEach(10);
}

TEST(BulkEnricherTest, StopsWhenTheSinkFails) {
  ScriptedServer server({});
  auto client = ClientOf(server);
  int handed = 0;
  const absl::Status status =
      BulkEnricher(*client, Quick())
          .Run(Numbers(100'000), [&](v1::EnrichResult) {
            ++handed;
            return absl::ResourceExhaustedError("disk full");
          });
  EXPECT_EQ(status, absl::ResourceExhaustedError("disk full"));
  EXPECT_EQ(handed, 1);
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

TEST(BulkEnricherTest, SendsReadItemsWhileTheSourceWaits) {
  ScriptedServer server({});
  auto client = ClientOf(server);
  absl::Notification first_answered;
  int handed = 0;
  EXPECT_EQ(BulkEnricher(*client, Quick())
                .Run(
                    [&, numbers = Numbers(2), calls = 0]() mutable {
                      if (calls++ == 1) first_answered.WaitForNotification();
                      return numbers();
                    },
                    [&](v1::EnrichResult) {
                      if (handed++ == 0) first_answered.Notify();
                      return absl::OkStatus();
                    }),
            absl::OkStatus());
  EXPECT_EQ(handed, 2);
}

}  // namespace
}  // namespace portrait::client
