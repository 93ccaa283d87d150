#include "client/bulk_enricher.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "client/testing/bulk_run.h"

namespace portrait::client {
namespace {

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
