#include "client/batch_get.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "client/testing/scripted_server.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace portrait::client {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

std::vector<v1::EnrichItem> ItemsOf(const std::vector<std::string>& contacts) {
  std::vector<v1::EnrichItem> items;
  for (const std::string& contact : contacts) {
    items.emplace_back().set_contact(contact);
    items.back().set_tag(100 + items.size());
  }
  return items;
}

grpc::Status AnswerBatch(const v1::BatchGetProfilePicturesRequest& request,
                         v1::BatchGetProfilePicturesResponse* response) {
  for (const v1::EnrichItem& item : request.items()) {
    *response->add_results() = AnswerFor(item);
  }
  return grpc::Status::OK;
}

grpc::Status Busy(absl::Duration retry_after) {
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_nanos(
      static_cast<int32_t>(retry_after / absl::Nanoseconds(1) % 1'000'000'000));
  retry.mutable_retry_delay()->set_seconds(absl::ToInt64Seconds(retry_after));
  google::rpc::Status status;
  status.set_code(grpc::StatusCode::UNAVAILABLE);
  status.add_details()->PackFrom(retry);
  return grpc::Status(grpc::StatusCode::UNAVAILABLE, "busy",
                      status.SerializeAsString());
}

// A client of a server that answers batches by `script`.
class BatchGetTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::vector<v1::EnrichResult>> Get(
      const std::vector<std::string>& contacts,
      const BatchOptions& options = {}) {
    if (server_ == nullptr) server_ = std::make_unique<ScriptedServer>(script_);
    auto client = PortraitClient::Make({.server = server_->address()});
    return BatchGet(**client, ItemsOf(contacts), options);
  }

  // The server is busy this many times, and then answers.
  void BusyFor(int calls, absl::Duration retry_after) {
    script_.batch = [this, calls, retry_after](int call, const auto& request,
                                               auto* response) {
      calls_ = call + 1;
      return call < calls ? Busy(retry_after) : AnswerBatch(request, response);
    };
  }

  Script script_;
  int calls_ = 0;
  std::unique_ptr<ScriptedServer> server_;
};

TEST_F(BatchGetTest, ResultsAreInTheOrderOfTheItems) {
  v1::BatchGetProfilePicturesRequest seen;
  script_.batch = [&seen](int, const auto& request, auto* response) {
    seen = request;
    return AnswerBatch(request, response);
  };
  BatchOptions options;
  options.lookup.set_default_country("DE");
  const auto results =
      Get({"+4915110009", "+49\xFF", "word", "+4915110000"}, options);
  ASSERT_TRUE(results.ok()) << results.status();
  EXPECT_EQ(seen.options().default_country(), "DE");
  EXPECT_EQ(seen.items_size(), 3);  // all that are UTF-8
  std::vector<uint64_t> tags;
  for (const v1::EnrichResult& result : *results) tags.push_back(result.tag());
  EXPECT_THAT(tags, ElementsAre(101, 102, 103, 104));
  EXPECT_EQ((*results)[0].profile_picture().registration(),
            v1::REGISTRATION_NOT_REGISTERED);
  EXPECT_EQ((*results)[1].error().reason(), v1::ERROR_REASON_INVALID_CONTACT);
  EXPECT_EQ((*results)[2].error().reason(), v1::ERROR_REASON_INVALID_CONTACT);
  EXPECT_EQ((*results)[3].profile_picture().id(), "id-+4915110000");
}

TEST_F(BatchGetTest, AnEmptyListNeedsNoServer) {
  auto client = PortraitClient::Make({.server = "127.0.0.1:1"});
  EXPECT_THAT(*BatchGet(**client, {}), SizeIs(0));
  EXPECT_THAT(*BatchGet(**client, ItemsOf({"\xFF"})), SizeIs(1));
}

TEST_F(BatchGetTest, ABusyServerIsCalledAgainAfterTheDelayItAsksFor) {
  BusyFor(2, absl::Milliseconds(200));
  const absl::Time start = absl::Now();
  const auto results = Get({"+4915110000"});
  EXPECT_TRUE(results.ok()) << results.status();
  EXPECT_EQ(calls_, 3);
  EXPECT_GE(absl::Now() - start, absl::Milliseconds(400));
}

TEST_F(BatchGetTest, AServerThatAsksForALongDelayIsNotCalledAgain) {
  BusyFor(1, absl::Seconds(60));
  EXPECT_EQ(Get({"+4915110000"}).status().code(),
            absl::StatusCode::kUnavailable);
  EXPECT_EQ(calls_, 1);
}

TEST_F(BatchGetTest, TheTimeoutAlsoLimitsTheRetries) {
  BusyFor(9, absl::Seconds(4));
  BatchOptions options;
  options.timeout = absl::Seconds(3);
  EXPECT_EQ(Get({"+4915110000"}, options).status().code(),
            absl::StatusCode::kUnavailable);
  EXPECT_EQ(calls_, 1);
}

TEST_F(BatchGetTest, ARefusedCallIsItsError) {
  script_.batch = [this](int call, const auto&, auto*) {
    calls_ = call + 1;
    return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "too many items");
  };
  const absl::Status status = Get({"+4915110000"}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "too many items");
  EXPECT_EQ(calls_, 1);
}

TEST_F(BatchGetTest, ResultsOfOtherItemsAreAnError) {
  script_.batch = [](int, const auto&, auto*) { return grpc::Status::OK; };
  EXPECT_EQ(Get({"+4915110000"}).status().code(), absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace portrait::client
