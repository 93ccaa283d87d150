#include "core/whatsapp/pairing.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "core/whatsapp/node_codec.h"
#include "core/whatsapp/pairing_phone.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/vectors.h"
#include "whatsapp/whatsapp.pb.h"

namespace portrait::whatsapp {
namespace {

using ::portrait::testing::Hex;
using ::portrait::testing::Json;
using ::portrait::testing::KeysOf;
using ::portrait::testing::NodeOf;
using ::portrait::testing::Vectors;
using ::testing::HasSubstr;

const absl::Time kNow = absl::FromUnixSeconds(1763716811);

Device DeviceOf(const Json& companion) {
  Device device = MakeDevice();
  device.noise_key = KeysOf(companion["noise"]);
  device.identity_key = KeysOf(companion["identity"]);
  device.adv_secret = Hex(companion["adv_secret"]);
  return device;
}

DeviceAppearance AppearanceOf(const Json& companion) {
  DeviceAppearance appearance;
  appearance.os = companion["browser"].items[0].text;
  appearance.browser = companion["browser"].items[1].text;
  return appearance;
}

bool IsAccepted(const std::variant<PairingResult, PairingRefusal>& outcome) {
  return std::holds_alternative<PairingResult>(outcome);
}

// The identity that the phone of a test vector sends.
DeviceIdentity PhoneSide(const Json& vector) {
  const Json& fields = vector["device_identity"]["fields"];
  DeviceIdentityOptions options;
  options.raw_id = static_cast<uint32_t>(fields["rawId"].number());
  options.timestamp = absl::FromUnixSeconds(fields["timestamp"].number());
  options.key_index = static_cast<uint32_t>(fields["keyIndex"].number());
  options.hosted = fields["deviceType"].number() == proto::HOSTED;
  options.signature_random = Hex(vector["account_signature"]["random64"]);
  const Json& companion = vector["companion"];
  return SignDeviceIdentity(KeysOf(vector["phone"]["identity"]),
                            Hex(companion["identity"]["public"]),
                            Hex(companion["adv_secret"]), options);
}

// An account type of 0 may be written or left out.
void ExpectSameContainer(const std::string& actual,
                         const std::string& expected) {
  proto::ADVSignedDeviceIdentityHMAC one, other;
  ASSERT_TRUE(one.ParseFromString(actual));
  ASSERT_TRUE(other.ParseFromString(expected));
  EXPECT_EQ(absl::BytesToHexString(one.details()),
            absl::BytesToHexString(other.details()));
  EXPECT_EQ(absl::BytesToHexString(one.hmac()),
            absl::BytesToHexString(other.hmac()));
  EXPECT_EQ(one.account_type(), other.account_type());
}

TEST(PairingVectorTest, ShowsTheQrCodeOfEachVectorAndReadsItBack) {
  const std::vector<Json> vectors = Vectors("pairing_qr.json");
  ASSERT_FALSE(vectors.empty());
  for (const Json& vector : vectors) {
    SCOPED_TRACE(vector["name"].text);
    const Json& companion = vector["companion"];
    const Device device = DeviceOf(companion);
    const std::string text =
        QrCodeText(vector["ref"].text, device, AppearanceOf(companion));
    EXPECT_EQ(text, vector["qr"].text);
    const absl::StatusOr<QrCode> code = ParseQrCode(text);
    ASSERT_TRUE(code.ok()) << code.status();
    EXPECT_EQ(code->ref, vector["ref"].text);
    EXPECT_EQ(code->noise_public_key, device.noise_key.public_key);
    EXPECT_EQ(code->identity_public_key, device.identity_key.public_key);
    EXPECT_EQ(code->adv_secret, device.adv_secret);
  }
}

TEST(PairingVectorTest, BothSidesRunEachGoodVector) {
  int run = 0;
  for (const Json& vector : Vectors("pairing_qr.json")) {
    if (vector["expect"].text != "ok") continue;
    SCOPED_TRACE(vector["name"].text);
    ++run;
    // The phone's messages are equal, byte by byte.
    const DeviceIdentity identity = PhoneSide(vector);
    EXPECT_EQ(absl::BytesToHexString(identity.details),
              vector["device_identity"]["bytes"].text);
    EXPECT_EQ(absl::BytesToHexString(identity.account_signature),
              vector["account_signature"]["signature"].text);
    ExpectSameContainer(identity.container, Hex(vector["container"]));

    // The companion's signature follows.
    const Device device = DeviceOf(vector["companion"]);
    const absl::StatusOr<Node> pair_success =
        DecodeNode(Hex(vector["pair_success_hex"]));
    ASSERT_TRUE(pair_success.ok());
    EXPECT_EQ(*pair_success, NodeOf(vector["pair_success"]));
    const auto outcome = AcceptPairSuccess(*pair_success, device, kNow);
    ASSERT_TRUE(IsAccepted(outcome));
    const PairingResult& result = std::get<PairingResult>(outcome);
    const Node& body = pair_success->children().front();
    EXPECT_EQ(result.device.jid, body.FindChild("device")->JidAttribute("jid"));
    EXPECT_EQ(result.device.lid, body.FindChild("device")->JidAttribute("lid"));
    EXPECT_EQ(result.device.paired_at, kNow);
    EXPECT_TRUE(result.device.paired());

    // The answer has the vector's form, and the phone accepts both.
    Node expected = NodeOf(vector["reply_node"]);
    EXPECT_EQ(result.reply.attributes, expected.attributes);
    const std::string identity_public = device.identity_key.public_key;
    for (const Node& reply : {result.reply, expected}) {
      const absl::Status verified =
          VerifyPairDeviceSign(reply, identity, identity_public);
      EXPECT_TRUE(verified.ok()) << verified;
    }
  }
  EXPECT_GT(run, 0);
}

TEST(PairingVectorTest, TheCompanionRefusesEachBadVectorAndSaysWhy) {
  int run = 0;
  for (const Json& vector : Vectors("pairing_qr.json")) {
    if (vector["expect"].text == "ok") continue;
    SCOPED_TRACE(vector["name"].text);
    ++run;
    const auto outcome = AcceptPairSuccess(NodeOf(vector["pair_success"]),
                                           DeviceOf(vector["companion"]), kNow);
    ASSERT_FALSE(IsAccepted(outcome));
    const PairingRefusal& refusal = std::get<PairingRefusal>(outcome);
    EXPECT_FALSE(refusal.status.ok());
    EXPECT_EQ(refusal.reply.Attribute("type"), "error");
    EXPECT_EQ(refusal.reply.Attribute("id"),
              vector["pair_success"]["attrs"]["id"].text);
    const Node* const error = refusal.reply.FindChild("error");
    ASSERT_NE(error, nullptr);
    EXPECT_THAT(vector["refuse_because"].text,
                HasSubstr(error->AttributeOr("text")));
    EXPECT_THAT(vector["refuse_because"].text,
                HasSubstr(error->AttributeOr("code")));
  }
  EXPECT_GT(run, 0);
}

TEST(PairingClientTypeTest, FollowsTheBrowser) {
  const struct {
    const char* os;
    const char* browser;
    char type;
  } kCases[] = {
      {"Ubuntu", "Chrome", '1'},  {"Ubuntu", "Edge", '2'},
      {"Ubuntu", "Firefox", '3'}, {"Windows", "IE", '4'},
      {"Ubuntu", "Opera", '5'},   {"Mac OS", "Safari", '6'},
      {"Mac OS", "Desktop", '7'}, {"Windows", "Desktop", '8'},
      {"Ubuntu", "chrome", '9'},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(PairingClientType({.os = c.os, .browser = c.browser}), c.type)
        << c.browser;
  }
}

// Makes a <pair-success> of a phone that has scanned `device`'s QR code.
class PairingTest : public ::testing::Test {
 protected:
  DeviceIdentity Identify(uint32_t key_index) const {
    DeviceIdentityOptions options;
    options.raw_id = 7;
    options.timestamp = kNow;
    options.key_index = key_index;
    return SignDeviceIdentity(phone_, device_.identity_key.public_key,
                              device_.adv_secret, options);
  }
  static Node PairSuccess(const std::string& container) {
    Node body = MakeNode("pair-success");
    body.AddChild(MakeNode("device-identity", {}, Node::Bytes{container}));
    body.AddChild(
        MakeNode("device", {{"jid", Jid{"15551230001", kUserServer, 12}},
                            {"lid", Jid{"9988", kLidServer, 12}}}));
    body.AddChild(MakeNode("biz", {{"name", "Example Bakery"}}));
    body.AddChild(MakeNode("platform", {{"name", "smba"}}));
    proto::ClientPairingProps props;
    props.set_is_chat_db_lid_migrated(true);
    body.AddChild(
        MakeNode("client-props", {}, Node::Bytes{props.SerializeAsString()}));
    return MakeNode("iq", {{"id", "77"}, {"type", "set"}},
                    Node::Children{std::move(body)});
  }

  const Device device_ = MakeDevice();
  const KeyPair phone_ = MakeKeyPair();
};

TEST_F(PairingTest, KeepsTheDataFromThePhone) {
  const auto outcome =
      AcceptPairSuccess(PairSuccess(Identify(0).container), device_, kNow);
  ASSERT_TRUE(IsAccepted(outcome));
  const PairingResult& result = std::get<PairingResult>(outcome);
  EXPECT_EQ(result.device.platform, "smba");
  EXPECT_TRUE(result.device.lid_migrated);
  EXPECT_EQ(result.device.business_name, "Example Bakery");
  proto::ADVSignedDeviceIdentity stored;
  ASSERT_TRUE(stored.ParseFromString(result.device.account_identity));
  EXPECT_EQ(stored.account_signature_key(), phone_.public_key);
  EXPECT_EQ(result.reply.children()
                .front()
                .FindChild("device-identity")
                ->Attribute("key-index"),
            "0");
}

TEST_F(PairingTest, RefusesIncompleteIdentities) {
  const std::string container = Identify(1).container;
  const Node whole = PairSuccess(container);
  Node without_device = whole;
  std::get<Node::Children>(without_device.content)[0].content =
      Node::Children{whole.children().front().children().front()};
  for (const Node& bad : {MakeNode("iq", {{"id", "77"}}), without_device,
                          PairSuccess("\xFF\xFF"), PairSuccess("")}) {
    const auto outcome = AcceptPairSuccess(bad, device_, kNow);
    ASSERT_FALSE(IsAccepted(outcome));
    EXPECT_EQ(std::get<PairingRefusal>(outcome).reply.Attribute("id"), "77");
  }
  Device other = device_;
  other.adv_secret[0] ^= 1;
  EXPECT_FALSE(IsAccepted(AcceptPairSuccess(whole, other, kNow)));
}

TEST_F(PairingTest, ThePhoneRefusesAnswersToOtherIdentities) {
  const DeviceIdentity sent = Identify(3);
  const auto outcome =
      AcceptPairSuccess(PairSuccess(sent.container), device_, kNow);
  const Node reply = std::get<PairingResult>(outcome).reply;
  const std::string& identity = device_.identity_key.public_key;
  EXPECT_TRUE(VerifyPairDeviceSign(reply, sent, identity).ok());
  EXPECT_FALSE(VerifyPairDeviceSign(reply, Identify(3), identity).ok());
  EXPECT_FALSE(VerifyPairDeviceSign(reply, Identify(4), identity).ok());
  EXPECT_FALSE(
      VerifyPairDeviceSign(reply, sent, MakeKeyPair().public_key).ok());
  EXPECT_FALSE(VerifyPairDeviceSign(MakeNode("iq"), sent, identity).ok());
}

TEST_F(PairingTest, ThePhoneTakesTheAccountsKeyInTheAnswerAndNoOther) {
  const DeviceIdentity sent = Identify(3);
  const auto outcome =
      AcceptPairSuccess(PairSuccess(sent.container), device_, kNow);
  const Node reply = std::get<PairingResult>(outcome).reply;
  for (const std::string& key : {sent.account_key, std::string(32, 'x')}) {
    Node answered = reply;
    Node& body = std::get<Node::Children>(answered.content)[0];
    Node& answer = std::get<Node::Children>(body.content)[0];
    proto::ADVSignedDeviceIdentity identity;
    ASSERT_TRUE(identity.ParseFromString(answer.Data()));
    identity.set_account_signature_key(key);
    answer.content = Node::Bytes{identity.SerializeAsString()};
    EXPECT_EQ(
        VerifyPairDeviceSign(answered, sent, device_.identity_key.public_key)
            .ok(),
        key == sent.account_key);
  }
}

TEST(QrCodeTest, ReadsEachFormInUse) {
  const std::string key = absl::Base64Escape(std::string(32, 'k'));
  const std::string four = absl::StrCat("2@ref,", key, ",", key, ",", key);
  for (const std::string& text :
       {four, four + ",1", "https://wa.me/settings/linked_devices#" + four,
        "https://wa.me/settings/linked_devices#" + four + ",9",
        four + ",1,https://faq"}) {
    SCOPED_TRACE(text);
    const absl::StatusOr<QrCode> code = ParseQrCode(text);
    ASSERT_TRUE(code.ok()) << code.status();
    EXPECT_EQ(code->ref, "2@ref");
    EXPECT_EQ(code->adv_secret, std::string(32, 'k'));
  }
  EXPECT_EQ(ParseQrCode(four)->client_type, "");
  EXPECT_EQ(ParseQrCode(four + ",9")->client_type, "9");
}

TEST(QrCodeTest, RefusesTextThatIsNotAQrCode) {
  const std::string key = absl::Base64Escape(std::string(32, 'k'));
  for (const std::string& text :
       {std::string(), std::string("ref"), absl::StrCat("ref,", key, ",", key),
        absl::StrCat(",", key, ",", key, ",", key),
        absl::StrCat("ref,short,", key, ",", key),
        absl::StrCat("ref,", key, ",", key, ",?!")}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseQrCode(text).status())) << text;
  }
}

}  // namespace
}  // namespace portrait::whatsapp
