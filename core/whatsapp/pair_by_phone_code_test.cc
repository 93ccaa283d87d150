#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_replace.h"
#include "core/whatsapp/pairing_code.h"
#include "core/whatsapp/queries.h"
#include "core/whatsapp/testing/pairing_test_fixture.h"

namespace portrait::whatsapp {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kPhone[] = "+15551230001";
constexpr char kRegistration[] = "link_code_companion_reg";

std::string DataOf(const Node& iq, absl::string_view tag) {
  const Node* const registration = iq.FindChild(kRegistration);
  const Node* const child =
      registration == nullptr ? nullptr : registration->FindChild(tag);
  return child == nullptr ? "" : child->Data();
}

Node Answer(const Node& request, const std::string& type) {
  return MakeNode("iq", {{"from", ServerJid()},
                         {"type", type},
                         {"id", request.AttributeOr("id")}});
}

Node ErrorAnswer(const Node& request, const std::string& code,
                 const std::string& backoff = "") {
  Node error = MakeNode("error", {{"code", code}});
  if (!backoff.empty()) error.SetAttribute("backoff", backoff);
  Node answer = Answer(request, "error");
  answer.AddChild(std::move(error));
  return answer;
}

class PairByPhoneCodeTest : public PairingFixture {
 protected:
  Started<Paired> StartPairing() {
    auto pairing =
        Start(PairByPhoneCode(io_.get_executor(), options_, kPhone, &events_));
    SendPairDevice({"2@first", "2@second"});
    return pairing;
  }

  // Answers the client's request for a code with `ref`. Returns the request.
  Node GrantCode(const std::string& ref = "ref-1") {
    const size_t shown = events_.pairing_codes.size();
    Node hello = PeerReceives();
    Node registration =
        MakeNode(kRegistration, {{"stage", std::string("companion_hello")}});
    registration.AddChild(
        MakeNode("link_code_pairing_ref", {}, Node::Bytes{ref}));
    Node answer = Answer(hello, "result");
    answer.AddChild(std::move(registration));
    PeerSends(std::move(answer));
    EXPECT_TRUE(
        RunUntil(io_, [&] { return events_.pairing_codes.size() > shown; }));
    return hello;
  }

  // Sends what the phone computes after `code` was entered, in answer to
  // `hello`.
  void EnterCode(const std::string& shown_code, const Node& hello,
                 const std::string& ref = "ref-1") {
    const std::string code = absl::StrReplaceAll(shown_code, {{"-", ""}});
    phone_ephemeral_ = MakeKeyPair();
    companion_ephemeral_ = *UnwrapKey(
        code,
        DataOf(hello, "link_code_pairing_wrapped_companion_ephemeral_pub"));
    NotifyStage("primary_hello", ref,
                {{"link_code_pairing_wrapped_primary_ephemeral_pub",
                  WrapKey(code, std::string(32, 's'), std::string(16, 'i'),
                          phone_ephemeral_.public_key)},
                 {"primary_identity_pub", phone_identity_.public_key}});
  }
  void NotifyStage(
      const std::string& stage, const std::string& ref,
      const std::vector<std::pair<std::string, std::string>>& data = {}) {
    Node body = MakeNode(kRegistration, {{"stage", stage}});
    for (const auto& [tag, bytes] : data) {
      body.AddChild(MakeNode(tag, {}, Node::Bytes{bytes}));
    }
    body.AddChild(MakeNode("link_code_pairing_ref", {}, Node::Bytes{ref}));
    Notify(kRegistration, std::move(body));
  }

  // Returns the ADV secret if the companion_finish is valid; otherwise the
  // error.
  absl::StatusOr<std::string> OpenFinish(const Node& finish) {
    const std::string ephemeral_secret =
        *X25519(phone_ephemeral_.private_key, companion_ephemeral_);
    const absl::StatusOr<KeyBundle> bundle =
        OpenKeyBundle(ephemeral_secret,
                      DataOf(finish, "link_code_pairing_wrapped_key_bundle"));
    if (!bundle.ok()) return bundle.status();
    EXPECT_EQ(bundle->primary_identity, phone_identity_.public_key);
    EXPECT_EQ(bundle->companion_identity,
              DataOf(finish, "companion_identity_public"));
    return LinkCodeAdvSecret(
        ephemeral_secret,
        *X25519(phone_identity_.private_key, bundle->companion_identity),
        bundle->adv_random);
  }

  // Completes a pairing after a valid companion_finish.
  Paired FinishWith(const Node& finish, Started<Paired>& pairing) {
    const absl::StatusOr<std::string> adv_secret = OpenFinish(finish);
    EXPECT_TRUE(adv_secret.ok()) << adv_secret.status();
    if (!adv_secret.ok()) return adv_secret.status();
    PeerSends(Answer(finish, "result"));
    const std::string identity = DataOf(finish, "companion_identity_public");
    const DeviceIdentity vouched = Vouch(identity, *adv_secret);
    SendPairSuccess(vouched);
    EXPECT_EQ(VerifyPairDeviceSign(PeerReceives(), vouched, identity),
              absl::OkStatus());
    PeerSends(MakeNode("stream:error", {{"code", std::string("515")}}));
    return pairing.Finish();
  }

  absl::Status RefusedWith(const std::string& code,
                           const std::string& backoff = "") {
    auto pairing = StartPairing();
    PeerSends(ErrorAnswer(PeerReceives(), code, backoff));
    EXPECT_THAT(events_.pairing_codes, IsEmpty());
    return pairing.Finish().status();
  }

  KeyPair phone_ephemeral_;
  std::string companion_ephemeral_;
};

TEST_F(PairByPhoneCodeTest, LinksADeviceByTheCodeThatIsEntered) {
  auto pairing = StartPairing();
  const Node hello = GrantCode();
  const Node* const registration = hello.FindChild(kRegistration);
  ASSERT_NE(registration, nullptr);
  EXPECT_EQ(hello.AttributeOr("xmlns"), "md");
  EXPECT_EQ(registration->AttributeOr("jid"), "15551230001@s.whatsapp.net");
  EXPECT_EQ(registration->AttributeOr("stage"), "companion_hello");
  EXPECT_EQ(registration->AttributeOr("should_show_push_notification"), "true");
  EXPECT_EQ(DataOf(hello, "companion_server_auth_key_pub"),
            peer_->noise_public_key);
  EXPECT_EQ(DataOf(hello, "companion_platform_id"), "1");
  EXPECT_THAT(DataOf(hello, "companion_platform_display"),
              MatchesRegex("Chrome \\((Windows|Mac OS|Ubuntu)\\)"));
  ASSERT_THAT(events_.pairing_codes, SizeIs(1));
  EXPECT_THAT(events_.pairing_codes[0],
              MatchesRegex("[1-9A-HJ-NP-TV-Z]{4}-[1-9A-HJ-NP-TV-Z]{4}"));
  EXPECT_THAT(events_.codes, IsEmpty());
  EXPECT_NEAR(absl::ToDoubleSeconds(events_.expire_times[0] - absl::Now()), 180,
              30);

  EnterCode(events_.pairing_codes[0], hello);
  const Node finish = PeerReceives();
  EXPECT_EQ(finish.FindChild(kRegistration)->AttributeOr("stage"),
            "companion_finish");
  EXPECT_EQ(DataOf(finish, "link_code_pairing_ref"), "ref-1");
  const Paired device = FinishWith(finish, pairing);
  ASSERT_TRUE(device.ok()) << device.status();
  EXPECT_EQ(device->jid, kAccount);
  EXPECT_EQ(device->lid, kAccountLid);
  EXPECT_TRUE(RunCoroutine(io_, peer_->SeesClose()));
}

TEST_F(PairByPhoneCodeTest, AMistypedCodeMayBeEnteredAgain) {
  auto pairing = StartPairing();
  const Node hello = GrantCode();
  EnterCode("1111-1111", hello);
  const Node wrong = PeerReceives();
  EXPECT_FALSE(OpenFinish(wrong).ok());
  PeerSends(ErrorAnswer(wrong, "400"));
  EnterCode(events_.pairing_codes[0], hello);
  const Paired device = FinishWith(PeerReceives(), pairing);
  EXPECT_TRUE(device.ok()) << device.status();
  EXPECT_THAT(events_.pairing_codes, SizeIs(1));
}

TEST_F(PairByPhoneCodeTest, EachOfThreeEntriesGetsASecretOfItsOwn) {
  auto pairing = StartPairing();
  const Node hello = GrantCode();
  std::set<std::string> secrets;
  for (int entry = 0; entry < 3; ++entry) {
    EnterCode(events_.pairing_codes[0], hello);
    const absl::StatusOr<std::string> secret = OpenFinish(PeerReceives());
    ASSERT_TRUE(secret.ok()) << secret.status();
    secrets.insert(*secret);
  }
  EXPECT_THAT(secrets, SizeIs(3));
  EnterCode(events_.pairing_codes[0], hello);
  const absl::Status status = pairing.Finish().status();
  EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
}

TEST_F(PairByPhoneCodeTest, SaysWhenWrongCodesWereEnteredThreeTimes) {
  auto pairing = StartPairing();
  const Node hello = GrantCode();
  EnterCode("1111-1111", hello);
  PeerSends(ErrorAnswer(PeerReceives(), "400"));
  // A phone reports a wrong code by a message without keys.
  NotifyStage("primary_hello", "ref-1");
  EXPECT_FALSE(pairing.finished());
  EnterCode("2222-2222", hello);
  PeerSends(ErrorAnswer(PeerReceives(), "400"));
  const absl::Status status = pairing.Finish().status();
  EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("wrong code"));
}

TEST_F(PairByPhoneCodeTest, RefusesAProofThatWasMadeForAnotherCode) {
  auto pairing = StartPairing();
  const Node hello = GrantCode();
  EnterCode(events_.pairing_codes[0], hello);
  const Node finish = PeerReceives();
  PeerSends(Answer(finish, "result"));
  SendPairSuccess(Vouch(DataOf(finish, "companion_identity_public"),
                        std::string(kKeyBytes, 'x')));
  EXPECT_EQ(PeerReceives().AttributeOr("type"), "error");
  const absl::Status status = pairing.Finish().status();
  EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("another code"));
}

TEST_F(PairByPhoneCodeTest, AProofBeforeAnyCodeWasEnteredIsRefused) {
  auto pairing = StartPairing();
  GrantCode();
  SendPairSuccess(Vouch(phone_identity_.public_key, ""));
  EXPECT_EQ(PeerReceives().AttributeOr("type"), "error");
  EXPECT_TRUE(absl::IsUnauthenticated(pairing.Finish().status()));
}

TEST_F(PairByPhoneCodeTest, ReportsACodeThatWasNotEntered) {
  options_.pairing_code_life = absl::Seconds(3);
  auto pairing = StartPairing();
  GrantCode();
  const absl::Status status = pairing.Finish().status();
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("code was not entered"));
  EXPECT_THAT(std::string(status.message()),
              Not(HasSubstr(events_.pairing_codes[0])));
}

TEST_F(PairByPhoneCodeTest,
       AStreamClosedAtTheEndMeansThatTheCodeWasNotEntered) {
  options_.pairing_code_life = absl::Seconds(15);
  auto pairing = StartPairing();
  GrantCode();
  PeerSends(MakeNode("xmlstreamend"));
  EXPECT_TRUE(absl::IsDeadlineExceeded(pairing.Finish().status()));
}

TEST_F(PairByPhoneCodeTest, ReportsAStreamThatBreaksEarlier) {
  auto pairing = StartPairing();
  GrantCode();
  peer_->Drop();
  EXPECT_TRUE(absl::IsUnavailable(pairing.Finish().status()));
}

TEST_F(PairByPhoneCodeTest, SaysWhenThePhoneDoesNotConfirm) {
  options_.pairing_confirm_timeout = absl::Seconds(3);
  auto pairing = StartPairing();
  const Node hello = GrantCode();
  EnterCode(events_.pairing_codes[0], hello);
  PeerSends(Answer(PeerReceives(), "result"));
  const absl::Status status = pairing.Finish().status();
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("did not confirm"));
}

TEST_F(PairByPhoneCodeTest, SaysWhenThePhoneRefuses) {
  auto pairing = StartPairing();
  const Node hello = GrantCode();
  EnterCode(events_.pairing_codes[0], hello);
  PeerSends(ErrorAnswer(PeerReceives(), "403"));
  const absl::Status status = pairing.Finish().status();
  EXPECT_TRUE(absl::IsPermissionDenied(status)) << status;
}

TEST_F(PairByPhoneCodeTest, ReportsTooManyRequestedCodes) {
  const absl::Status status = RefusedWith("429", "90");
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("try again in 1m30s"));
  EXPECT_EQ(BackoffOf(status), absl::Seconds(90));
}

TEST_F(PairByPhoneCodeTest, ReportsTooManyCodesWithoutATime) {
  EXPECT_THAT(std::string(RefusedWith("429").message()),
              HasSubstr("try again later"));
}

TEST_F(PairByPhoneCodeTest, SaysWhenANumberGetsNoCode) {
  const absl::Status status = RefusedWith("400");
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("has no WhatsApp account"));
}

TEST_F(PairByPhoneCodeTest, SaysWhenAnAccountIsLinkedByQrCodeOnly) {
  EXPECT_THAT(std::string(RefusedWith("452").message()),
              HasSubstr("QR code only"));
}

TEST_F(PairByPhoneCodeTest, SaysWhenTheServerGrantsNoRef) {
  auto pairing = StartPairing();
  PeerSends(Answer(PeerReceives(), "result"));
  EXPECT_TRUE(absl::IsUnavailable(pairing.Finish().status()));
  EXPECT_THAT(events_.pairing_codes, IsEmpty());
}

TEST_F(PairByPhoneCodeTest, SaysWhenTheRequestForACodeIsNotAnswered) {
  options_.request_timeout = absl::Milliseconds(200);
  auto pairing = StartPairing();
  const absl::Status status = pairing.Finish().status();
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("requesting a code"));
}

TEST_F(PairByPhoneCodeTest, RefusesImpossibleNumbersBeforeConnecting) {
  for (const char* number :
       {"", "+", "+12345", "+0155512300", "+1234567890123456",
        "+1 555 123 0001", "+1555123000x"}) {
    SCOPED_TRACE(number);
    const absl::Status status =
        RunCoroutine(io_, PairByPhoneCode(io_.get_executor(), options_, number,
                                          &events_))
            .status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("phone number"));
  }
}

TEST_F(PairByPhoneCodeTest, ARefreshOfTheRegistrationLeavesTheCodeAsItIs) {
  auto pairing = StartPairing();
  const Node hello = GrantCode();
  Notify("companion_reg_refresh", MakeNode("companion_reg_refresh"));
  EnterCode(events_.pairing_codes[0], hello);
  const Node finish = PeerReceives();
  Notify("companion_reg_refresh", MakeNode("companion_reg_refresh"));
  const Paired device = FinishWith(finish, pairing);
  EXPECT_TRUE(device.ok()) << device.status();
  EXPECT_THAT(events_.pairing_codes, SizeIs(1));
}

TEST_F(PairByPhoneCodeTest, ShowsANewCodeWhenTheServerHasItReplaced) {
  auto pairing = StartPairing();
  const Node first = GrantCode("ref-1");
  NotifyStage("refresh_code", "ref-1");
  const Node second = GrantCode("ref-2");
  ASSERT_THAT(events_.pairing_codes, SizeIs(2));
  EXPECT_NE(events_.pairing_codes[0], events_.pairing_codes[1]);
  EXPECT_LE(events_.expire_times[1],
            events_.expire_times[0] + absl::Seconds(1));
  // The first code is no longer valid.
  EnterCode(events_.pairing_codes[0], first, "ref-1");
  EnterCode(events_.pairing_codes[1], second, "ref-2");
  const Paired device = FinishWith(PeerReceives(), pairing);
  EXPECT_TRUE(device.ok()) << device.status();
}

TEST_F(PairByPhoneCodeTest, ReportsAWithdrawnCode) {
  auto pairing = StartPairing();
  GrantCode();
  Node body =
      MakeNode(kRegistration, {{"stage", std::string("refresh_code")},
                               {"force_manual_refresh", std::string("true")}});
  body.AddChild(MakeNode("link_code_pairing_ref", {}, Node::Bytes{"ref-1"}));
  Notify(kRegistration, std::move(body));
  EXPECT_TRUE(absl::IsAborted(pairing.Finish().status()));
}

TEST_F(PairByPhoneCodeTest, TheUserMayGiveUp) {
  auto pairing = StartPairing();
  GrantCode();
  events_.cancelled = true;
  EXPECT_TRUE(absl::IsCancelled(pairing.Finish().status()));
  EXPECT_TRUE(RunCoroutine(io_, peer_->SeesClose()));
}

}  // namespace
}  // namespace portrait::whatsapp
