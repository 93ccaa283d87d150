// Tests tokens over the wire: created, used, listed, revoked.
#include "server/access_service.h"

#include <atomic>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "core/base/proto_time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/testing/service_test_world.h"

namespace portrait {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;

class AccessServiceTest : public testing::Test {
 protected:
  static v1::CreateTokenRequest Wanted(const std::string& tenant) {
    v1::CreateTokenRequest request;
    request.set_tenant(tenant);
    request.set_role(v1::ROLE_LOOKUP);
    return request;
  }

  grpc::Status Create(const v1::CreateTokenRequest& request,
                      v1::CreateTokenResponse* response) {
    return world_.tokens->CreateToken(world_.Context().get(), request,
                                      response);
  }

  v1::CreateTokenResponse CreateOrDie(const v1::CreateTokenRequest& request) {
    v1::CreateTokenResponse response;
    const grpc::Status status = Create(request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

  std::vector<v1::Token> List(const std::string& tenant) {
    v1::ListTokensRequest request;
    request.set_tenant(tenant);
    v1::ListTokensResponse response;
    EXPECT_TRUE(
        world_.tokens->ListTokens(world_.Context().get(), request, &response)
            .ok());
    return {response.tokens().begin(), response.tokens().end()};
  }

  grpc::Status Revoke(const std::string& token_id) {
    v1::RevokeTokenRequest request;
    request.set_token_id(token_id);
    v1::RevokeTokenResponse response;
    return world_.tokens->RevokeToken(world_.Context().get(), request,
                                      &response);
  }

  grpc::Status GetPicture(const std::string& secret) {
    v1::GetProfilePictureRequest request;
    request.set_contact("+13105551234");
    v1::GetProfilePictureResponse response;
    return world_.pictures->GetProfilePicture(
        world_.ContextWithToken(secret).get(), request, &response);
  }

  static void ExpectUnauthenticated(const grpc::Status& status,
                                    const std::string& why) {
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
    EXPECT_THAT(status.error_message(), HasSubstr(why));
    EXPECT_EQ(DetailsOf(status).info.reason(), "ERROR_REASON_UNAUTHENTICATED");
  }

  World world_;
};

TEST_F(AccessServiceTest, ATokenIsMadeUsedAndListedWithoutItsSecret) {
  v1::CreateTokenRequest request = Wanted("acme");
  request.set_monthly_quota(1000);
  request.set_lookups_per_second(2.5);
  *request.mutable_expire_time() = ToProto(absl::Now() + absl::Hours(24));
  const v1::CreateTokenResponse made = CreateOrDie(request);
  EXPECT_THAT(made.secret(), MatchesRegex("pt_[A-Za-z0-9_-]{43}"));
  EXPECT_THAT(made.token().token_id(), MatchesRegex("acme-[0-9a-f]{12}"));
  EXPECT_EQ(made.token().tenant(), "acme");
  EXPECT_EQ(made.token().role(), v1::ROLE_LOOKUP);
  EXPECT_EQ(made.token().monthly_quota(), 1000u);
  EXPECT_EQ(made.token().lookups_per_second(), 2.5);
  EXPECT_EQ(made.token().expire_time().seconds(),
            request.expire_time().seconds());
  EXPECT_TRUE(made.token().has_create_time());

  EXPECT_TRUE(GetPicture(made.secret()).ok());
  const std::vector<v1::Token> listed = List("acme");
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0].SerializeAsString(), made.token().SerializeAsString());
}

TEST_F(AccessServiceTest, TokensAreListedByTenantOldestFirst) {
  const std::string first = CreateOrDie(Wanted("acme")).token().token_id();
  CreateOrDie(Wanted("zeta"));
  const std::string second = CreateOrDie(Wanted("acme")).token().token_id();
  const std::vector<v1::Token> acme = List("acme");
  ASSERT_EQ(acme.size(), 2u);
  EXPECT_EQ(acme[0].token_id(), first);
  EXPECT_EQ(acme[1].token_id(), second);
  EXPECT_EQ(List("").size(), 4u);  // includes the admin's token
  EXPECT_THAT(List("unknown"), IsEmpty());
}

TEST_F(AccessServiceTest, AnInvalidTokenRequestIsRefusedNamingTheField) {
  const double infinity = std::numeric_limits<double>::infinity();
  std::vector<std::pair<v1::CreateTokenRequest, std::string>> cases;
  for (const std::string& tenant :
       {std::string(), std::string("Acme"), std::string("a b"),
        std::string("a/b"), std::string(64, 'a')}) {
    cases.push_back({Wanted(tenant), "tenant"});
  }
  for (const double rate : {-1.0, 0.0001, 1e7, infinity, -infinity,
                            std::numeric_limits<double>::quiet_NaN()}) {
    cases.push_back({Wanted("acme"), "lookups_per_second"});
    cases.back().first.set_lookups_per_second(rate);
  }
  for (const int role : {0, 3}) {
    cases.push_back({Wanted("acme"), "role"});
    cases.back().first.set_role(static_cast<v1::Role>(role));
  }
  for (const int right : {0, 99}) {
    cases.push_back({Wanted("acme"), "rights"});
    cases.back().first.add_rights(static_cast<v1::Right>(right));
  }
  // Rights cannot be combined with the role lookup.
  cases.push_back({Wanted("acme"), "rights"});
  cases.back().first.add_rights(v1::RIGHT_ADMIN);
  cases.push_back({Wanted("acme"), "expire_time"});
  *cases.back().first.mutable_expire_time() =
      ToProto(absl::Now() - absl::Seconds(1));
  cases.push_back({Wanted("acme"), "expire_time"});
  cases.back().first.mutable_expire_time()->set_nanos(-1);

  for (const auto& [request, field] : cases) {
    SCOPED_TRACE(request.ShortDebugString());
    v1::CreateTokenResponse response;
    const grpc::Status status = Create(request, &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(DetailsOf(status).field(), field);
  }
}

TEST_F(AccessServiceTest, ARevokedTokenIsRefusedAtOnce) {
  const v1::CreateTokenResponse made = CreateOrDie(Wanted("acme"));
  const v1::CreateTokenResponse other = CreateOrDie(Wanted("acme"));
  ASSERT_TRUE(Revoke(made.token().token_id()).ok());
  ExpectUnauthenticated(GetPicture(made.secret()), "unknown token");
  EXPECT_TRUE(GetPicture(other.secret()).ok());
  EXPECT_EQ(Revoke(made.token().token_id()).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

// Tests gRPC streams whose token becomes invalid.
class EndedTokenTest : public AccessServiceTest {
 protected:
  // Opens one stream of each long-running kind.
  void OpenStreams(const std::string& secret) {
    enrich_context_ = world_.ContextWithToken(secret);
    enrich_ = world_.pictures->EnrichProfilePictures(enrich_context_.get());
    v1::EnrichProfilePicturesRequest request;
    request.add_items()->set_contact("+13105551234");
    ASSERT_TRUE(enrich_->Write(request));
    v1::EnrichProfilePicturesResponse answer;
    ASSERT_TRUE(enrich_->Read(&answer));
    watch_context_ = world_.ContextWithToken(secret);
    watch_ =
        world_.pictures->WatchProfilePictureChanges(watch_context_.get(), {});
    v1::WatchProfilePictureChangesResponse change;
    ASSERT_TRUE(watch_->Read(&change));
  }

  // Returns only after the server has ended the streams.
  void ExpectStreamsEnded(const std::string& why) {
    v1::EnrichProfilePicturesResponse answer;
    while (enrich_->Read(&answer)) {
    }
    ExpectUnauthenticated(enrich_->Finish(), why);
    v1::WatchProfilePictureChangesResponse change;
    while (watch_->Read(&change)) {
    }
    ExpectUnauthenticated(watch_->Finish(), why);
  }

  std::unique_ptr<grpc::ClientContext> enrich_context_, watch_context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::EnrichProfilePicturesRequest,
                                           v1::EnrichProfilePicturesResponse>>
      enrich_;
  std::unique_ptr<grpc::ClientReader<v1::WatchProfilePictureChangesResponse>>
      watch_;
};

TEST_F(EndedTokenTest, RevokingATokenEndsItsOpenStreams) {
  const v1::CreateTokenResponse made = CreateOrDie(Wanted("acme"));
  OpenStreams(made.secret());
  ASSERT_TRUE(Revoke(made.token().token_id()).ok());
  ExpectStreamsEnded("revoked");
}

TEST_F(EndedTokenTest, ATokenThatExpiresEndsItsOpenStreams) {
  v1::CreateTokenRequest request = Wanted("acme");
  *request.mutable_expire_time() = ToProto(absl::Now() + absl::Seconds(2));
  OpenStreams(CreateOrDie(request).secret());
  ExpectStreamsEnded("expired");
}

TEST_F(EndedTokenTest, RevokingATokenLeavesTheTenantsOtherStreamsOpen) {
  const v1::CreateTokenResponse kept = CreateOrDie(Wanted("acme"));
  OpenStreams(kept.secret());
  ASSERT_TRUE(Revoke(CreateOrDie(Wanted("acme")).token().token_id()).ok());
  v1::EnrichProfilePicturesRequest request;
  request.add_items()->set_contact("+13105551235");
  ASSERT_TRUE(enrich_->Write(request));
  ASSERT_TRUE(enrich_->WritesDone());
  v1::EnrichProfilePicturesResponse answer;
  while (enrich_->Read(&answer)) {
  }
  EXPECT_TRUE(enrich_->Finish().ok());
  watch_context_->TryCancel();
  watch_->Finish();
}

TEST_F(EndedTokenTest, ACallerThatDoesNotReadIsDisconnected) {
  const v1::CreateTokenResponse made = CreateOrDie(Wanted("acme"));
  const auto context = world_.ContextWithToken(made.secret());
  const auto stream = world_.pictures->EnrichProfilePictures(context.get());
  v1::EnrichProfilePicturesRequest request;
  for (int i = 0; i < 1000; ++i) {
    request.add_items()->set_contact("no number " + std::string(100, 'x'));
  }
  // Write until the buffers in both directions are full, so that both sides
  // block.
  std::atomic<int> sent = 0;
  std::thread writer([&] {
    while (stream->Write(request)) ++sent;
  });
  int seen = 0;
  absl::Time since = absl::Now();
  ASSERT_TRUE(WaitUntil([&] {
    if (const int now = sent; now != seen) {
      seen = now;
      since = absl::Now();
    }
    return seen > 0 && absl::Now() - since > absl::Seconds(1);
  }));
  ASSERT_TRUE(Revoke(made.token().token_id()).ok());
  writer.join();  // returns because the server has ended the stream
  v1::EnrichProfilePicturesResponse answer;
  while (stream->Read(&answer)) {
  }
  EXPECT_FALSE(stream->Finish().ok());
}

TEST_F(AccessServiceTest, OnlyTheRightsOfATokenDecide) {
  v1::CreateTokenRequest request;
  request.set_tenant("acme");
  request.add_rights(v1::RIGHT_HISTORY);
  const v1::CreateTokenResponse made = CreateOrDie(request);
  EXPECT_EQ(made.token().role(), v1::ROLE_LOOKUP);
  ASSERT_EQ(made.token().rights_size(), 1);
  EXPECT_EQ(GetPicture(made.secret()).error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
}

}  // namespace
}  // namespace portrait
