// Tests lists of contacts in one call, over a gRPC channel.
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/testing/service_test_world.h"

namespace portrait {
namespace {

using ::testing::HasSubstr;
using Request = v1::BatchGetProfilePicturesRequest;

std::string PhoneNumber(int i) { return absl::StrFormat("+1310%07d", i); }

void AddItem(const std::string& contact, Request* request) {
  v1::EnrichItem& item = *request->add_items();
  item.set_tag(1000 - request->items_size());
  item.set_contact(contact);
}

Request MakeRequest(int count) {
  Request request;
  for (int i = 0; i < count; ++i) AddItem(PhoneNumber(2'000'000 + i), &request);
  return request;
}

class BatchGetPicturesTest : public testing::Test {
 protected:
  grpc::Status Get(const Request& request, grpc::ClientContext* context) {
    return world_.pictures->BatchGetProfilePictures(context, request,
                                                    &response_);
  }
  grpc::Status Get(const Request& request) {
    return Get(request, world_.Context().get());
  }
  // The error reason of the result at `index`.
  v1::ErrorReason ErrorAt(int index) const {
    return response_.results(index).error().reason();
  }

  World world_;
  v1::BatchGetProfilePicturesResponse response_;
};

TEST_F(BatchGetPicturesTest, ResultsComeInTheOrderOfTheItemsWithTheirTags) {
  const Request request = MakeRequest(1000);
  ASSERT_TRUE(Get(request).ok());
  ASSERT_EQ(response_.results_size(), 1000);
  for (int i = 0; i < 1000; ++i) {
    const v1::EnrichResult& result = response_.results(i);
    ASSERT_EQ(result.tag(), request.items(i).tag());
    ASSERT_EQ(result.profile_picture().phone_number(),
              request.items(i).contact());
  }
  EXPECT_EQ(world_.sessions->taken(), 1000u);
}

TEST_F(BatchGetPicturesTest, AFailedItemIsAResultAndTheSameContactTwiceIsTwo) {
  Request request;
  for (const char* contact : {"+13105551234", "hello", "", "+1 310 555 1234"}) {
    AddItem(contact, &request);
  }
  AddItem("0171 2345678", &request);
  request.mutable_items(4)->set_country("DE");
  ASSERT_TRUE(Get(request).ok());
  ASSERT_EQ(response_.results_size(), 5);
  EXPECT_EQ(ErrorAt(1), v1::ERROR_REASON_INVALID_CONTACT);
  EXPECT_EQ(ErrorAt(2), v1::ERROR_REASON_INVALID_CONTACT);
  EXPECT_EQ(response_.results(0).profile_picture().jid(),
            "13105551234@s.whatsapp.net");
  EXPECT_EQ(response_.results(3).profile_picture().jid(),
            "13105551234@s.whatsapp.net");
  EXPECT_EQ(response_.results(4).profile_picture().phone_number(),
            "+491712345678");
}

TEST_F(BatchGetPicturesTest, AnEmptyBatchHasNoResults) {
  ASSERT_TRUE(Get(Request()).ok());
  EXPECT_EQ(response_.results_size(), 0);
}

TEST_F(BatchGetPicturesTest,
       AWrongRequestIsAnInvalidArgumentThatNamesTheField) {
  Request country = MakeRequest(1);
  country.mutable_options()->set_default_country("Germany");
  const std::pair<Request, std::string> cases[] = {
      {MakeRequest(1001), "items"}, {country, "options.default_country"}};
  for (const auto& [request, field] : cases) {
    const grpc::Status status = Get(request);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(DetailsOf(status).field(), field);
  }
  EXPECT_EQ(world_.sessions->taken(), 0u);
}

TEST_F(BatchGetPicturesTest, ItemsWithoutAnAnswerAtTheDeadlineAreErrors) {
  ASSERT_TRUE(Get(MakeRequest(1)).ok());
  world_.sessions->Hold(true);
  const auto context = world_.Context();
  context->set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(2)));
  ASSERT_TRUE(Get(MakeRequest(3), context.get()).ok());
  EXPECT_TRUE(response_.results(0).has_profile_picture());
  EXPECT_TRUE(response_.results(1).has_error());
  EXPECT_TRUE(response_.results(2).has_error());
}

TEST_F(BatchGetPicturesTest, ItemsBeyondTheTenantsRateAreRateLimited) {
  const auto context = world_.ContextWithToken(
      world_.MakeLookupToken("acme", /*quota=*/0, /*lookups_per_second=*/2));
  context->set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(2)));
  ASSERT_TRUE(Get(MakeRequest(100), context.get()).ok());
  ASSERT_EQ(response_.results_size(), 100);
  EXPECT_TRUE(response_.results(0).has_profile_picture());
  EXPECT_EQ(ErrorAt(99), v1::ERROR_REASON_RATE_LIMITED);
  EXPECT_TRUE(response_.results(99).error().has_retry_after());
}

TEST_F(BatchGetPicturesTest, EachContactUsesTheQuotaOnce) {
  const std::string token = world_.MakeLookupToken("acme", /*quota=*/3);
  ASSERT_TRUE(Get(MakeRequest(5), world_.ContextWithToken(token).get()).ok());
  EXPECT_EQ(ErrorAt(2), v1::ERROR_REASON_UNSPECIFIED);
  EXPECT_EQ(ErrorAt(3), v1::ERROR_REASON_QUOTA_EXCEEDED);
  EXPECT_EQ(ErrorAt(4), v1::ERROR_REASON_QUOTA_EXCEEDED);
  v1::GetUsageResponse usage;
  ASSERT_TRUE(world_.tokens
                  ->GetUsage(world_.ContextWithToken(token).get(),
                             v1::GetUsageRequest(), &usage)
                  .ok());
  EXPECT_EQ(usage.lookups(), 3u) << usage.ShortDebugString();
}

TEST_F(BatchGetPicturesTest, ACancelledBatchLeavesNothingBehind) {
  world_.sessions->Hold(true);
  const auto context = world_.Context();
  std::thread caller([&] {
    EXPECT_EQ(Get(MakeRequest(10), context.get()).error_code(),
              grpc::StatusCode::CANCELLED);
  });
  EXPECT_TRUE(WaitUntil([this] { return world_.scheduler->depth().queued; }));
  context->TryCancel();
  caller.join();
  EXPECT_TRUE(
      WaitUntil([this] { return world_.scheduler->depth().queued == 0; }));
}

TEST_F(BatchGetPicturesTest, AServerThatShutsDownSaysSo) {
  world_.sessions->Hold(true);
  std::thread caller([&] {
    EXPECT_EQ(Get(MakeRequest(10)).error_code(), grpc::StatusCode::UNAVAILABLE);
  });
  EXPECT_TRUE(WaitUntil([this] { return world_.scheduler->depth().queued; }));
  world_.server->Drain(kTestDeadline);
  caller.join();
}

}  // namespace
}  // namespace portrait
