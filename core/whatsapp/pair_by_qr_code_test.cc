#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/whatsapp/testing/pairing_test_fixture.h"

namespace portrait::whatsapp {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class PairByQrCodeTest : public PairingFixture {
 protected:
  Started<Paired> StartPairing() {
    return Start(PairByQrCode(io_.get_executor(), options_, &events_));
  }

  // Sends `refs` to the client and waits until it shows the first one.
  void SendRefs(const std::vector<std::string>& refs) {
    const size_t shown = events_.codes.size();
    SendPairDevice(refs);
    EXPECT_TRUE(RunUntil(io_, [&] { return events_.codes.size() > shown; }));
  }

  // The phone scans `code` and approves the device.
  DeviceIdentity Scan(const QrCode& code) {
    return Vouch(code.identity_public_key, code.adv_secret);
  }
};

TEST_F(PairByQrCodeTest, LinksADeviceAndWaitsForTheRestart) {
  auto pairing = StartPairing();
  SendRefs({"2@first", "2@second"});
  ASSERT_THAT(events_.codes, SizeIs(1));
  EXPECT_NEAR(absl::ToDoubleSeconds(events_.expire_times[0] - absl::Now()), 60,
              30);
  const absl::StatusOr<QrCode> code = ParseQrCode(events_.codes[0]);
  ASSERT_TRUE(code.ok()) << code.status();
  EXPECT_EQ(code->ref, "2@first");
  EXPECT_EQ(code->noise_public_key, peer_->noise_public_key);

  const DeviceIdentity identity = Scan(*code);
  SendPairSuccess(identity);
  const Node reply = PeerReceives();
  EXPECT_EQ(reply.AttributeOr("id"), "Y");
  EXPECT_EQ(VerifyPairDeviceSign(reply, identity, code->identity_public_key),
            absl::OkStatus());
  EXPECT_FALSE(pairing.finished());
  PeerSends(MakeNode("stream:error", {{"code", std::string("515")}}));

  const Paired device = pairing.Finish();
  ASSERT_TRUE(device.ok()) << device.status();
  EXPECT_TRUE(device->paired());
  EXPECT_EQ(device->jid, kAccount);
  EXPECT_EQ(device->lid, kAccountLid);
  EXPECT_EQ(device->platform, "android");
  EXPECT_EQ(device->noise_key.public_key, peer_->noise_public_key);
  EXPECT_TRUE(RunCoroutine(io_, peer_->SeesClose()));
}

TEST_F(PairByQrCodeTest, AClosedStreamAfterTheReplyCountsAsARestart) {
  auto pairing = StartPairing();
  SendRefs({"2@ref"});
  SendPairSuccess(Scan(*ParseQrCode(events_.codes[0])));
  PeerReceives();
  peer_->Drop();
  EXPECT_TRUE(pairing.Finish().ok());
}

TEST_F(PairByQrCodeTest, RefusesAProofThatWasMadeForAnotherCode) {
  auto pairing = StartPairing();
  SendRefs({"2@ref"});
  QrCode code = *ParseQrCode(events_.codes[0]);
  code.adv_secret[0] ^= 1;
  SendPairSuccess(Scan(code));
  const Node reply = PeerReceives();
  EXPECT_EQ(reply.AttributeOr("type"), "error");
  EXPECT_EQ(reply.AttributeOr("id"), "Y");
  ASSERT_NE(reply.FindChild("error"), nullptr);
  EXPECT_EQ(reply.FindChild("error")->AttributeOr("code"), "401");
  EXPECT_EQ(reply.FindChild("error")->AttributeOr("text"), "hmac-mismatch");
  const absl::Status status = pairing.Finish().status();
  EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
  EXPECT_TRUE(RunCoroutine(io_, peer_->SeesClose()));
}

TEST_F(PairByQrCodeTest, LinksNothingToAnAccountThatItsOwnerDoesNotWant) {
  events_.may_link = absl::AlreadyExistsError("linked already");
  auto pairing = StartPairing();
  SendRefs({"2@ref"});
  SendPairSuccess(Scan(*ParseQrCode(events_.codes[0])));
  const Node reply = PeerReceives();
  EXPECT_EQ(reply.AttributeOr("type"), "error");
  EXPECT_EQ(reply.AttributeOr("id"), "Y");
  EXPECT_EQ(pairing.Finish().status(), events_.may_link);
  EXPECT_EQ(events_.asked, kAccount.WithoutDevice());
  EXPECT_TRUE(RunCoroutine(io_, peer_->SeesClose()));
}

TEST_F(PairByQrCodeTest, SaysWhenWhatsAppWantsFewerConnections) {
  auto pairing = StartPairing();
  PeerSends(MakeNode("stream:error", {{"code", std::string("429")}}));
  const absl::Status status = pairing.Finish().status();
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
}

TEST_F(PairByQrCodeTest, ARefreshDrawsTheSameRefWithANewSecret) {
  auto pairing = StartPairing();
  SendRefs({"2@ref"});
  Notify("companion_reg_refresh", MakeNode("pair-device-rotate-qr"));
  ASSERT_TRUE(RunUntil(io_, [&] { return events_.codes.size() == 2; }));
  const QrCode before = *ParseQrCode(events_.codes[0]);
  const QrCode after = *ParseQrCode(events_.codes[1]);
  EXPECT_EQ(after.ref, before.ref);
  EXPECT_NE(after.adv_secret, before.adv_secret);
  EXPECT_LT(
      absl::AbsDuration(events_.expire_times[1] - events_.expire_times[0]),
      absl::Seconds(1));
  // Only the new code can be scanned.
  SendPairSuccess(Scan(after));
  EXPECT_EQ(PeerReceives().AttributeOr("type"), "result");
  peer_->Drop();
  EXPECT_TRUE(pairing.Finish().ok());
}

TEST_F(PairByQrCodeTest, TheUserMayGiveUp) {
  auto pairing = StartPairing();
  SendRefs({"2@ref"});
  events_.cancelled = true;
  EXPECT_TRUE(absl::IsCancelled(pairing.Finish().status()));
  EXPECT_TRUE(RunCoroutine(io_, peer_->SeesClose()));
}

TEST_F(PairByQrCodeTest, TheUserMayGiveUpBeforeTheServerIsThere) {
  auto accepting = StartCoroutine(io_, server_.AcceptSilently());
  events_.cancelled = true;
  const Paired device =
      RunCoroutine(io_, PairByQrCode(io_.get_executor(), options_, &events_));
  EXPECT_TRUE(absl::IsCancelled(device.status()));
  peer_ = accepting.Finish();
}

TEST_F(PairByQrCodeTest, SaysWhenTheServerEndsItAfterTheLastCode) {
  auto pairing = StartPairing();
  SendRefs({"2@last"});
  PeerSends(MakeNode("xmlstreamend"));
  const absl::Status status = pairing.Finish().status();
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
}

TEST_F(PairByQrCodeTest, SaysWhenTheServerRefusesTheClient) {
  auto pairing = StartPairing();
  PeerSends(MakeNode("failure", {{"reason", std::string("405")}}));
  const absl::Status status = pairing.Finish().status();
  EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("405"));
  EXPECT_THAT(events_.codes, IsEmpty());
}

TEST_F(PairByQrCodeTest, SaysWhenTheStreamBreaksOff) {
  auto pairing = StartPairing();
  SendRefs({"2@first", "2@second"});
  peer_->Drop();
  EXPECT_TRUE(absl::IsUnavailable(pairing.Finish().status()));
}

TEST_F(PairByQrCodeTest, SaysWhenNoCodesCome) {
  options_.request_timeout = absl::Milliseconds(50);
  auto pairing = StartPairing();
  const absl::Status status = pairing.Finish().status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
}

TEST_F(PairByQrCodeTest, SaysWhenTheAccountAsksForAPasskey) {
  auto pairing = StartPairing();
  SendRefs({"2@ref"});
  PeerSends(Notification("passkey_prologue_request"));
  const absl::Status status = pairing.Finish().status();
  EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("passkey"));
  // The message also tells the operator how to proceed.
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("Settings, Account, Passkeys"));
}

}  // namespace
}  // namespace portrait::whatsapp
