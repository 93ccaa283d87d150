// Tests lookups of one contact, over a gRPC channel.
#include <memory>
#include <string>
#include <vector>

#include "core/base/proto_time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/testing/service_test_world.h"

namespace portrait {
namespace {

using ::testing::HasSubstr;

class GetPictureTest : public testing::Test {
 protected:
  grpc::Status Get(const v1::GetProfilePictureRequest& request) {
    return world_.pictures->GetProfilePicture(world_.Context().get(), request,
                                              &response_);
  }
  grpc::Status Get(const std::string& contact) {
    v1::GetProfilePictureRequest request;
    request.set_contact(contact);
    return Get(request);
  }
  const v1::ProfilePicture& picture() const {
    return response_.profile_picture();
  }

  World world_;
  v1::GetProfilePictureResponse response_;
};

TEST_F(GetPictureTest, QueriesWhatsAppOnceAndThenTheStore) {
  ASSERT_TRUE(Get("+1 (310) 555-1234").ok());
  EXPECT_EQ(picture().jid(), "13105551234@s.whatsapp.net");
  EXPECT_EQ(picture().phone_number(), "+13105551234");
  EXPECT_EQ(picture().state(), v1::PICTURE_STATE_AVAILABLE);
  EXPECT_EQ(picture().id(), "id-13105551234");
  EXPECT_EQ(picture().url(), "https://pps.invalid/id-13105551234");
  EXPECT_EQ(picture().source(), v1::SOURCE_WHATSAPP);
  EXPECT_EQ(picture().session(), "alpha");
  ASSERT_TRUE(Get("13105551234@c.us").ok());
  EXPECT_EQ(picture().source(), v1::SOURCE_STORE);
  EXPECT_EQ(world_.sessions->taken(), 1u);
}

TEST_F(GetPictureTest, AMaxAgeOfZeroAlwaysAsksWhatsApp) {
  v1::GetProfilePictureRequest request;
  request.set_contact("+13105551234");
  request.mutable_options()->mutable_max_age();
  ASSERT_TRUE(Get(request).ok());
  ASSERT_TRUE(Get(request).ok());
  EXPECT_EQ(picture().source(), v1::SOURCE_WHATSAPP);
  EXPECT_EQ(world_.sessions->taken(), 2u);
}

TEST_F(GetPictureTest, ACurrentExistingIdIsAnsweredUnchanged) {
  v1::GetProfilePictureRequest request;
  request.set_contact("+13105551234");
  request.set_existing_id("id-13105551234");
  ASSERT_TRUE(Get(request).ok());
  EXPECT_EQ(picture().state(), v1::PICTURE_STATE_UNCHANGED);
  EXPECT_EQ(picture().url(), "");
}

TEST_F(GetPictureTest, AWrongContactIsAnInvalidArgumentThatSaysWhy) {
  for (const std::string contact :
       {"", "hello", "+1310", "13105551234@example.com"}) {
    SCOPED_TRACE(contact);
    const grpc::Status status = Get(contact);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    const ErrorDetails details = DetailsOf(status);
    EXPECT_EQ(details.info.reason(), "ERROR_REASON_INVALID_CONTACT");
    EXPECT_EQ(details.info.domain(), "portrait");
    EXPECT_EQ(details.field(), "contact");
  }
  EXPECT_EQ(Get(std::string(1 << 20, '1')).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(world_.sessions->taken(), 0u);
}

TEST_F(GetPictureTest, ADefaultCountryCompletesANationalNumber) {
  v1::GetProfilePictureRequest request;
  request.set_contact("0171 2345678");
  EXPECT_EQ(Get(request).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  request.mutable_options()->set_default_country("de");
  ASSERT_TRUE(Get(request).ok());
  EXPECT_EQ(picture().phone_number(), "+491712345678");
  request.set_contact("+13105551234");
  ASSERT_TRUE(Get(request).ok());
  EXPECT_EQ(picture().phone_number(), "+13105551234");
}

TEST_F(GetPictureTest, AWrongOptionIsNamed) {
  v1::GetProfilePictureRequest negative, too_fine, size, session, country;
  negative.mutable_options()->mutable_max_age()->set_seconds(-1);
  too_fine.mutable_options()->mutable_max_age()->set_nanos(1'000'000'000);
  size.mutable_options()->set_size(static_cast<v1::PictureSize>(17));
  session.mutable_options()->set_session("beta");
  country.mutable_options()->set_default_country("Germany");
  const std::vector<std::pair<v1::GetProfilePictureRequest, std::string>>
      cases = {{negative, "options.max_age"},
               {too_fine, "options.max_age"},
               {size, "options.size"},
               {session, "options.session"},
               {country, "options.default_country"}};
  for (auto [request, field] : cases) {
    SCOPED_TRACE(request.ShortDebugString());
    request.set_contact("+13105551234");
    const grpc::Status status = Get(request);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_message(), HasSubstr(field));
    EXPECT_EQ(DetailsOf(status).field(), field);
  }
}

TEST_F(GetPictureTest, WithoutALinkedAccountItSaysHowToLinkOne) {
  world_.sessions->Hold(true);
  world_.sessions->SetLinked(false);
  const grpc::Status status = Get("+13105551234");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(DetailsOf(status).info.reason(), "ERROR_REASON_NO_SESSION");
  EXPECT_THAT(status.error_message(), HasSubstr("pair"));
}

TEST_F(GetPictureTest, ARefusalOfWhatsAppHasARetryTime) {
  world_.sessions->SetScript([](const ContactTask&) {
    return LookupFailure{v1::ERROR_REASON_RATE_LIMITED, "slow down",
                         absl::Seconds(9)};
  });
  const grpc::Status status = Get("+13105551234");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(status.error_message(), "slow down");
  const ErrorDetails details = DetailsOf(status);
  EXPECT_EQ(details.info.reason(), "ERROR_REASON_RATE_LIMITED");
  EXPECT_EQ(FromProto(details.retry.retry_delay()), absl::Seconds(9));
}

TEST_F(GetPictureTest, AnswersBeforeTheCallersDeadline) {
  world_.sessions->Hold(true);
  auto context = world_.Context();
  context->set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(2)));
  v1::GetProfilePictureRequest request;
  request.set_contact("+13105551234");
  const grpc::Status status =
      world_.pictures->GetProfilePicture(context.get(), request, &response_);
  EXPECT_FALSE(status.ok());
  EXPECT_LE(absl::Now(),
            absl::FromChrono(context->deadline()) + absl::Seconds(20));
}

TEST_F(GetPictureTest, ACancelledCallIsDropped) {
  world_.sessions->Hold(true);
  auto context = world_.Context();
  v1::GetProfilePictureRequest request;
  request.set_contact("+13105551234");
  grpc::CompletionQueue queue;
  auto call =
      world_.pictures->AsyncGetProfilePicture(context.get(), request, &queue);
  grpc::Status status;
  call->Finish(&response_, &status, nullptr);
  EXPECT_TRUE(
      WaitUntil([this] { return world_.scheduler->depth().queued == 1; }));
  context->TryCancel();
  void* tag = nullptr;
  bool ok = false;
  ASSERT_TRUE(queue.Next(&tag, &ok));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(
      WaitUntil([this] { return world_.scheduler->depth().queued == 0; }));
  queue.Shutdown();
}

}  // namespace
}  // namespace portrait
