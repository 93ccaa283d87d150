// Tests quotas, rates and usage of tenants, over a gRPC channel.
#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/base/proto_time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/enrich_stream.h"
#include "server/testing/service_test_world.h"

namespace portrait {
namespace {

using ::testing::HasSubstr;
using Request = v1::EnrichProfilePicturesRequest;
using Response = v1::EnrichProfilePicturesResponse;
using Stream = grpc::ClientReaderWriter<Request, Response>;

std::string PhoneNumber(int i) { return absl::StrFormat("+1310%07d", i); }

Request MakeRequest(int first, int count) {
  Request request;
  for (int i = first; i < first + count; ++i) {
    v1::EnrichItem* item = request.add_items();
    item->set_tag(static_cast<uint64_t>(i));
    item->set_contact(PhoneNumber(2'000'000 + i));
  }
  return request;
}

class TenantLimitsTest : public testing::Test {
 protected:
  grpc::Status Get(const std::string& secret, const std::string& contact) {
    v1::GetProfilePictureRequest request;
    request.set_contact(contact);
    v1::GetProfilePictureResponse response;
    return world_.pictures->GetProfilePicture(
        world_.ContextWithToken(secret).get(), request, &response);
  }

  std::unique_ptr<Stream> Open(const std::string& secret) {
    context_ = world_.ContextWithToken(secret);
    return world_.pictures->EnrichProfilePictures(context_.get());
  }

  // Sends these messages in one stream; returns the results by tag.
  std::map<uint64_t, v1::EnrichResult> Enrich(
      const std::string& secret, const std::vector<Request>& requests) {
    auto stream = Open(secret);
    for (const Request& request : requests) stream->Write(request);
    stream->WritesDone();
    std::map<uint64_t, v1::EnrichResult> results;
    Response response;
    while (stream->Read(&response)) {
      for (const v1::EnrichResult& result : response.results()) {
        results[result.tag()] = result;
      }
    }
    const grpc::Status status = stream->Finish();
    EXPECT_TRUE(status.ok()) << status.error_message();
    return results;
  }

  grpc::Status GetUsage(const std::string& secret, const std::string& tenant,
                        v1::GetUsageResponse* response) {
    v1::GetUsageRequest request;
    request.set_tenant(tenant);
    return world_.tokens->GetUsage(world_.ContextWithToken(secret).get(),
                                   request, response);
  }

  v1::GetUsageResponse Usage(const std::string& tenant) {
    v1::GetUsageResponse response;
    EXPECT_TRUE(GetUsage(world_.admin_token, tenant, &response).ok());
    return response;
  }

  World world_;
  std::unique_ptr<grpc::ClientContext> context_;
};

TEST_F(TenantLimitsTest, UsageCountsStoreWhatsAppAndFailuresSeparately) {
  const std::string acme = world_.MakeLookupToken("acme");
  const std::string zeta = world_.MakeLookupToken("zeta");
  EXPECT_EQ(Enrich(acme, {MakeRequest(0, 7)}).size(), 7u);
  Request mixed = MakeRequest(0, 10);  // seven of them are in the store now
  mixed.add_items()->set_contact("not a number");
  mixed.mutable_items(10)->set_tag(10);
  EXPECT_EQ(Enrich(acme, {mixed}).size(), 11u);
  EXPECT_TRUE(Get(acme, PhoneNumber(2'000'000)).ok());
  EXPECT_FALSE(Get(acme, "not a number").ok());
  EXPECT_TRUE(Get(zeta, PhoneNumber(2'000'000)).ok());

  const v1::GetUsageResponse usage = Usage("acme");
  EXPECT_EQ(usage.from_whatsapp(), 10u);
  EXPECT_EQ(usage.from_store(), 8u);
  EXPECT_EQ(usage.failed(), 2u);
  EXPECT_EQ(usage.lookups(), 18u);
  EXPECT_EQ(Usage("zeta").from_store(), 1u);
  EXPECT_EQ(Usage("zeta").lookups(), 1u);
}

TEST_F(TenantLimitsTest, ATenantSeesItsOwnUsageAndNoOther) {
  const std::string acme = world_.MakeLookupToken("acme", /*quota=*/100);
  world_.MakeLookupToken("zeta");
  ASSERT_TRUE(Get(acme, "+13105551234").ok());
  v1::GetUsageResponse usage;
  for (const char* tenant : {"", "acme"}) {
    ASSERT_TRUE(GetUsage(acme, tenant, &usage).ok());
    EXPECT_EQ(usage.tenant(), "acme");
    EXPECT_EQ(usage.lookups(), 1u);
    EXPECT_EQ(usage.monthly_quota(), 100u);
  }
  EXPECT_EQ(GetUsage(acme, "zeta", &usage).error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(GetUsage(world_.admin_token, "unknown", &usage).error_code(),
            grpc::StatusCode::NOT_FOUND);
  v1::GetUsageRequest request;
  request.set_month("November");
  const grpc::Status status =
      world_.tokens->GetUsage(world_.Context().get(), request, &usage);
  EXPECT_EQ(DetailsOf(status).field(), "month");
}

TEST_F(TenantLimitsTest, ACallOverTheQuotaIsRefusedUntilNextMonth) {
  const std::string acme = world_.MakeLookupToken("acme", /*quota=*/2);
  EXPECT_TRUE(Get(acme, "+13105551234").ok());
  EXPECT_FALSE(Get(acme, "+1").ok());  // a failed lookup does not count
  EXPECT_TRUE(Get(acme, "+13105551234").ok());
  const grpc::Status status = Get(acme, "+13105551234");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  const ErrorDetails details = DetailsOf(status);
  EXPECT_EQ(details.info.reason(), "ERROR_REASON_QUOTA_EXCEEDED");
  EXPECT_GT(details.retry.retry_delay().seconds(), 0);
  EXPECT_LE(FromProto(details.retry.retry_delay()), absl::Hours(31 * 24));
  EXPECT_TRUE(Get(world_.MakeLookupToken("zeta"), "+13105551234").ok());
}

TEST_F(TenantLimitsTest, TheQuotaIsExactUnderManyCallersAtOnce) {
  constexpr int kCallers = 24, kEach = 20, kQuota = 100;
  const std::string secret = world_.MakeLookupToken("acme", kQuota);
  std::atomic<int> answered = 0, refused = 0;
  std::vector<std::thread> callers;
  for (int caller = 0; caller < kCallers; ++caller) {
    callers.emplace_back([&, caller] {
      for (int i = 0; i < kEach; ++i) {
        const grpc::Status status =
            Get(secret, PhoneNumber(3'000'000 + caller * kEach + i));
        if (status.ok()) ++answered;
        if (!status.ok() &&
            DetailsOf(status).info.reason() == "ERROR_REASON_QUOTA_EXCEEDED") {
          ++refused;
        }
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(answered, kQuota);
  EXPECT_EQ(refused, kCallers * kEach - kQuota);
  EXPECT_EQ(Usage("acme").lookups(), uint64_t{kQuota});
}

TEST_F(TenantLimitsTest, OnlyItemsOverTheQuotaFailInAStream) {
  const std::string acme = world_.MakeLookupToken("acme", /*quota=*/1500);
  const auto results = Enrich(
      acme,
      {MakeRequest(0, 1000), MakeRequest(1000, 1000), MakeRequest(2000, 10)});
  ASSERT_EQ(results.size(), 2010u);
  for (const auto& [tag, result] : results) {
    ASSERT_EQ(result.has_profile_picture(), tag < 1500) << tag;
  }
  const v1::LookupError& error = results.at(2009).error();
  EXPECT_EQ(error.reason(), v1::ERROR_REASON_QUOTA_EXCEEDED);
  EXPECT_THAT(error.message(), HasSubstr("1500"));
  EXPECT_TRUE(error.has_retry_after());
  const v1::GetUsageResponse usage = Usage("acme");
  EXPECT_EQ(usage.lookups(), 1500u);
  EXPECT_EQ(usage.failed(), 510u);
  EXPECT_EQ(world_.sessions->taken(), 1500u);
}

TEST_F(TenantLimitsTest, ACallOverTheRateGetsARetryTime) {
  const std::string slow =
      world_.MakeLookupToken("slow", /*quota=*/0, /*rate=*/0.01);
  EXPECT_TRUE(Get(slow, "+13105551234").ok());
  const grpc::Status status = Get(slow, "+13105551234");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  const ErrorDetails details = DetailsOf(status);
  EXPECT_EQ(details.info.reason(), "ERROR_REASON_RATE_LIMITED");
  EXPECT_GT(FromProto(details.retry.retry_delay()), absl::Seconds(30));
  EXPECT_LE(FromProto(details.retry.retry_delay()), absl::Seconds(100));
  EXPECT_TRUE(Get(world_.MakeLookupToken("zeta"), "+13105551234").ok());
}

TEST_F(TenantLimitsTest, AStreamOverTheRateIsSlowedAndFailsNothing) {
  const std::string acme =
      world_.MakeLookupToken("acme", /*quota=*/0, /*rate=*/500);
  const auto results = Enrich(acme, {MakeRequest(0, 1000)});
  EXPECT_EQ(results.size(), 1000u);
  for (const auto& [tag, result] : results) {
    ASSERT_TRUE(result.has_profile_picture()) << tag;
  }
}

TEST_F(TenantLimitsTest, AStreamOverTheRateIsReadNoFurther) {
  const std::string acme =
      world_.MakeLookupToken("acme", /*quota=*/10, /*rate=*/0.001);
  auto stream = Open(acme);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(stream->Write(MakeRequest(5 * i, 5)));
  }
  // One item is granted; the others wait, and so do later messages.
  Response response;
  size_t results = 0;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(stream->Read(&response));
    results += response.results_size();
    if (!response.has_progress()) continue;
    EXPECT_EQ(response.progress().received(), 5u);
    EXPECT_LE(response.progress().completed(), 1u);
  }
  EXPECT_EQ(results, 1u);
  context_->TryCancel();
  EXPECT_FALSE(stream->Finish().ok());
  EXPECT_EQ(Usage("acme").lookups(), 1u);
}

TEST_F(TenantLimitsTest, ItemsOfADisconnectedCallerAreNotCounted) {
  const std::string acme = world_.MakeLookupToken("acme", /*quota=*/5);
  world_.sessions->Hold(true);
  auto stream = Open(acme);
  ASSERT_TRUE(stream->Write(MakeRequest(0, 5)));
  ASSERT_TRUE(
      WaitUntil([this] { return world_.scheduler->depth().queued == 5; }));
  EXPECT_EQ(DetailsOf(Get(acme, "+13105551234")).info.reason(),
            "ERROR_REASON_QUOTA_EXCEEDED");
  context_->TryCancel();
  EXPECT_FALSE(stream->Finish().ok());
  // The grants are returned once the server has noticed that the caller has
  // left.
  EXPECT_TRUE(WaitUntil([&] {
    return DetailsOf(Get(acme, "no number")).info.reason() ==
           "ERROR_REASON_INVALID_CONTACT";
  }));
  world_.sessions->Hold(false);
  EXPECT_TRUE(Get(acme, "+13105551234").ok());
  EXPECT_EQ(Usage("acme").lookups(), 1u);
}

TEST_F(TenantLimitsTest, ATenantsOpenStreamsAreBounded) {
  const std::string acme = world_.MakeLookupToken("acme");
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<std::unique_ptr<
      grpc::ClientReader<v1::WatchProfilePictureChangesResponse>>>
      watches;
  const auto watch = [&](const std::string& secret) {
    contexts.push_back(world_.ContextWithToken(secret));
    watches.push_back(
        world_.pictures->WatchProfilePictureChanges(contexts.back().get(), {}));
    v1::WatchProfilePictureChangesResponse response;
    return watches.back()->Read(&response);
  };
  for (size_t i = 0; i < kMaxTenantStreams; ++i) ASSERT_TRUE(watch(acme)) << i;
  EXPECT_FALSE(watch(acme));
  const grpc::Status status = watches.back()->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(status.error_message(), HasSubstr("open gRPC streams"));
  // Other tenants are not affected, and a tenant that ends a stream may open
  // another.
  EXPECT_TRUE(watch(world_.MakeLookupToken("zeta")));
  contexts.front()->TryCancel();
  watches.front()->Finish();
  EXPECT_TRUE(WaitUntil([&] { return watch(acme); }));
  for (const auto& context : contexts) context->TryCancel();
}

TEST_F(TenantLimitsTest, ErasingCountsAgainstTheRateAndNoQuota) {
  const std::string secret = world_.MakeLookupToken("acme", /*quota=*/1,
                                                    /*lookups_per_second=*/1);
  ASSERT_TRUE(Get(secret, PhoneNumber(2'000'000)).ok());
  const auto forget = [&] {
    v1::ForgetContactRequest request;
    request.set_contact(PhoneNumber(2'000'000));
    v1::ForgetContactResponse response;
    return world_.pictures->ForgetContact(world_.ContextWithToken(secret).get(),
                                          request, &response);
  };
  // One of a hundred calls exceeds the rate, unless each takes a second.
  grpc::Status status;
  for (int i = 0; i < 100 && status.ok(); ++i) status = forget();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(DetailsOf(status).info.reason(), "ERROR_REASON_RATE_LIMITED");
  EXPECT_TRUE(DetailsOf(status).retry.has_retry_delay());
  // Erasing still works with a used-up quota.
  EXPECT_TRUE(WaitUntil([&] { return forget().ok(); }));
}

}  // namespace
}  // namespace portrait
