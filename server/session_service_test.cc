// Tests linking and managing accounts, over a gRPC channel.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/proto_time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/testing/service_test_world.h"

namespace portrait {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class SessionServiceTest : public testing::Test {
 protected:
  std::unique_ptr<grpc::ClientReader<v1::PairSessionResponse>> Pair(
      const std::string& name, const std::string& phone_number = "",
      const std::string& proxy = "") {
    context_ = world_.Context();
    v1::PairSessionRequest request;
    request.set_session(name);
    request.set_phone_number(phone_number);
    request.set_proxy(proxy);
    return world_.accounts->PairSession(context_.get(), request);
  }
  // Waits for the start of the pairing and returns the pool's observer.
  std::shared_ptr<PairingObserver> Observer() {
    EXPECT_TRUE(
        WaitUntil([this] { return world_.sessions->pairing() != nullptr; }));
    return world_.sessions->pairing();
  }

  World world_;
  std::unique_ptr<grpc::ClientContext> context_;
  v1::PairSessionResponse response_;
};

TEST_F(SessionServiceTest, PairingShowsCodesAndEndsWithTheAccount) {
  auto reader = Pair("beta");
  const auto observer = Observer();
  const absl::Time expires_at = absl::FromUnixSeconds(1'800'000'000);
  observer->OnQrCode("code 1", expires_at);
  ASSERT_TRUE(reader->Read(&response_));
  EXPECT_EQ(response_.qr_code().text(), "code 1");
  EXPECT_EQ(FromProto(response_.qr_code().expire_time()), expires_at);
  observer->OnQrCode("code 2", expires_at);
  ASSERT_TRUE(reader->Read(&response_));
  EXPECT_EQ(response_.qr_code().text(), "code 2");
  v1::Session session;
  session.set_session("beta");
  observer->OnPaired(session);
  ASSERT_TRUE(reader->Read(&response_));
  EXPECT_EQ(response_.paired().session(), "beta");
  EXPECT_FALSE(reader->Read(&response_));
  EXPECT_TRUE(reader->Finish().ok());
  EXPECT_FALSE(world_.sessions->pairing_abandoned());
}

TEST_F(SessionServiceTest, TheQrCodeOfAPairingCanBeReadByAnotherCall) {
  v1::GetPairingQrCodeRequest request;
  v1::GetPairingQrCodeResponse found;
  request.set_session("beta");
  ASSERT_TRUE(
      world_.accounts->GetPairingQrCode(world_.Context().get(), request, &found)
          .ok());
  EXPECT_EQ(found.qr_code().text(), "code of beta");
  EXPECT_EQ(FromProto(found.qr_code().expire_time()),
            absl::FromUnixSeconds(1'800'000'000));
  request.set_session("gamma");
  EXPECT_EQ(
      world_.accounts->GetPairingQrCode(world_.Context().get(), request, &found)
          .error_code(),
      grpc::StatusCode::NOT_FOUND);
}

TEST_F(SessionServiceTest, AFailedPairingSaysWhyAndEnds) {
  auto reader = Pair("beta");
  Observer()->OnFailed(absl::DeadlineExceededError("the code was not scanned"));
  ASSERT_TRUE(reader->Read(&response_));
  EXPECT_EQ(response_.failed().message(), "the code was not scanned");
  EXPECT_FALSE(reader->Read(&response_));
  EXPECT_TRUE(reader->Finish().ok());
}

TEST_F(SessionServiceTest, CancellingAbandonsThePairing) {
  auto reader = Pair("beta");
  Observer()->OnQrCode("code", absl::Now());
  ASSERT_TRUE(reader->Read(&response_));
  context_->TryCancel();
  EXPECT_TRUE(
      WaitUntil([this] { return world_.sessions->pairing_abandoned(); }));
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
  // Later events of the pool are dropped.
  Observer()->OnFailed(absl::CancelledError("abandoned"));
}

TEST_F(SessionServiceTest, RefusesInvalidPairings) {
  const grpc::Status taken = Pair("alpha")->Finish();
  EXPECT_EQ(taken.error_code(), grpc::StatusCode::ALREADY_EXISTS);
  const grpc::Status name = Pair("Not A Name")->Finish();
  EXPECT_EQ(name.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(DetailsOf(name).field(), "session");
  for (const char* number :
       {"+1", "0151 23456789", "beta", "+999 1234567", "100875997589545@lid",
        "120363041234567890@g.us"}) {
    SCOPED_TRACE(number);
    const grpc::Status refused = Pair("beta", number)->Finish();
    EXPECT_EQ(refused.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(DetailsOf(refused).field(), "phone_number");
    EXPECT_THAT(refused.error_message(), HasSubstr("phone_number: "));
  }
  const grpc::Status proxy = Pair("beta", "", "http://ann:secret@x")->Finish();
  EXPECT_EQ(proxy.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(DetailsOf(proxy).field(), "proxy");
  EXPECT_THAT(proxy.error_message(), Not(HasSubstr("secret")));
  EXPECT_EQ(world_.sessions->pairing(), nullptr);
}

TEST_F(SessionServiceTest, PairingByPhoneNumberShowsTheCodeToType) {
  auto reader = Pair("beta", "+1 (310) 555-1234");
  const auto observer = Observer();
  EXPECT_EQ(world_.sessions->pairing_number(), "+13105551234");
  const absl::Time expires_at = absl::FromUnixSeconds(1'800'000'000);
  observer->OnPairingCode("ABCD-EFGH", expires_at);
  ASSERT_TRUE(reader->Read(&response_));
  EXPECT_EQ(response_.pairing_code().code(), "ABCD-EFGH");
  EXPECT_EQ(FromProto(response_.pairing_code().expire_time()), expires_at);
  observer->OnPaired(v1::Session());
  ASSERT_TRUE(reader->Read(&response_));
  EXPECT_TRUE(response_.has_paired());
  EXPECT_TRUE(reader->Finish().ok());
}

TEST_F(SessionServiceTest, ListsShowsPausesAndResumes) {
  v1::ListSessionsResponse all;
  ASSERT_TRUE(
      world_.accounts->ListSessions(world_.Context().get(), {}, &all).ok());
  ASSERT_EQ(all.sessions_size(), 1);
  EXPECT_EQ(all.sessions(0).session(), "alpha");

  v1::PauseSessionRequest pause;
  pause.set_session("alpha");
  v1::PauseSessionResponse paused;
  ASSERT_TRUE(
      world_.accounts->PauseSession(world_.Context().get(), pause, &paused)
          .ok());
  EXPECT_EQ(paused.session().state(), v1::SESSION_STATE_PAUSED);

  v1::ResumeSessionRequest resume;
  resume.set_session("alpha");
  v1::ResumeSessionResponse resumed;
  ASSERT_TRUE(
      world_.accounts->ResumeSession(world_.Context().get(), resume, &resumed)
          .ok());
  EXPECT_EQ(resumed.session().state(), v1::SESSION_STATE_READY);

  v1::SetSessionProxyRequest proxy;
  proxy.set_session("alpha");
  proxy.set_proxy("socks5://proxy:1080");
  v1::SetSessionProxyResponse moved;
  ASSERT_TRUE(
      world_.accounts->SetSessionProxy(world_.Context().get(), proxy, &moved)
          .ok());
  EXPECT_EQ(moved.session().proxy(), "socks5://proxy:1080");
  proxy.set_proxy("ftp://ann:secret@proxy:1080");
  const grpc::Status refused =
      world_.accounts->SetSessionProxy(world_.Context().get(), proxy, &moved);
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(DetailsOf(refused).field(), "proxy");
  EXPECT_THAT(refused.error_message(), Not(HasSubstr("secret")));

  v1::LogoutSessionRequest logout;
  logout.set_session("alpha");
  v1::LogoutSessionResponse logged_out;
  EXPECT_TRUE(world_.accounts
                  ->LogoutSession(world_.Context().get(), logout, &logged_out)
                  .ok());
}

TEST_F(SessionServiceTest, AnUnknownSessionIsNotFound) {
  v1::GetSessionRequest request;
  request.set_session("beta");
  v1::GetSessionResponse response;
  EXPECT_EQ(
      world_.accounts->GetSession(world_.Context().get(), request, &response)
          .error_code(),
      grpc::StatusCode::NOT_FOUND);
}

}  // namespace
}  // namespace portrait
