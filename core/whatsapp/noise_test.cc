#include "core/whatsapp/noise.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/whatsapp/certificate.h"
#include "core/whatsapp/frame.h"
#include "core/whatsapp/noise_client.h"
#include "core/whatsapp/noise_server.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/vectors.h"
#include "whatsapp/whatsapp.pb.h"

namespace portrait::whatsapp {
namespace {

using ::portrait::testing::Hex;
using ::portrait::testing::Json;
using ::portrait::testing::KeysOf;
using ::portrait::testing::Vectors;
using ::testing::HasSubstr;

// A time at which the valid certificates of the test vectors are valid.
const absl::Time kNow = absl::FromUnixSeconds(1763716800);

std::string ToHex(absl::string_view bytes) {
  return absl::BytesToHexString(bytes);
}

void ExpectState(const NoiseState& state, const Json& expected,
                 absl::string_view step) {
  SCOPED_TRACE(step);
  const Json& values = expected[step];
  EXPECT_EQ(ToHex(state.hash()), values["h"].text);
  EXPECT_EQ(ToHex(state.chaining_key()), values["ck"].text);
  EXPECT_EQ(ToHex(state.key()), values["k"].text);
  EXPECT_EQ(state.counter(), values["n"].number());
}

// Runs one side's state through all steps, with that side's keys.
void WalkStates(const Json& vector) {
  const Json& keys = vector["keys"];
  const Json& expected = vector["symmetric_state"];
  const KeyPair server_e = KeysOf(keys["server_ephemeral"]);
  const KeyPair server_s = KeysOf(keys["server_static"]);
  const KeyPair client_e = KeysOf(keys["client_ephemeral"]);
  const KeyPair client_s = KeysOf(keys["client_static"]);
  NoiseState state(NoisePattern::kXX, Hex(vector["prologue"]));
  ExpectState(state, expected, "after_prologue");
  state.MixHash(client_e.public_key);
  ExpectState(state, expected, "after_client_e");
  state.MixHash(server_e.public_key);
  ExpectState(state, expected, "after_server_e");
  ASSERT_TRUE(
      state.MixSharedSecret(server_e.private_key, client_e.public_key).ok());
  ExpectState(state, expected, "after_ee");
  state.EncryptAndHash(server_s.public_key);
  ExpectState(state, expected, "after_server_s");
  ASSERT_TRUE(
      state.MixSharedSecret(server_s.private_key, client_e.public_key).ok());
  ExpectState(state, expected, "after_es");
  state.EncryptAndHash(Hex(vector["cert"]["chain"]));
  ExpectState(state, expected, "after_server_payload");
  state.EncryptAndHash(client_s.public_key);
  ExpectState(state, expected, "after_client_s");
  ASSERT_TRUE(
      state.MixSharedSecret(server_e.private_key, client_s.public_key).ok());
  ExpectState(state, expected, "after_se");
  state.EncryptAndHash(Hex(vector["client_payload"]["protobuf"]));
  ExpectState(state, expected, "after_client_payload");
}

void ExpectFrames(const std::string& key, const Json& frames) {
  ASSERT_FALSE(frames.items.empty());
  NoiseCipher sender(key), receiver(key);
  for (const Json& frame : frames.items) {
    const std::string plaintext = Hex(frame["plaintext"]);
    const absl::StatusOr<std::string> sealed = sender.Encrypt(plaintext);
    ASSERT_TRUE(sealed.ok());
    EXPECT_EQ(ToHex(*EncodeFrame(*sealed)), frame["wire"].text);
    EXPECT_EQ(*receiver.Decrypt(*sealed), plaintext);
  }
}

NoiseClientHandshake MakeClient(const Json& vector) {
  const Json& keys = vector["keys"];
  return NoiseClientHandshake(
      {Hex(keys["root"]["public"]), kNow, ServerCertificate()},
      KeysOf(keys["client_static"]), KeysOf(keys["client_ephemeral"]),
      Hex(vector["client_payload"]["protobuf"]));
}

void ExpectClientSide(const Json& vector) {
  NoiseClientHandshake client = MakeClient(vector);
  const std::string hello = *client.ClientHello();
  EXPECT_EQ(ToHex(hello), vector["client_hello"]["protobuf"].text);
  EXPECT_EQ(ToHex(absl::StrCat(ConnectionPreamble(Hex(vector["routing_info"])),
                               *EncodeFrame(hello))),
            vector["client_hello"]["wire"].text);
  const absl::StatusOr<std::optional<std::string>> finish =
      client.OnServerHello(Hex(vector["server_hello"]["protobuf"]));
  ASSERT_TRUE(finish.ok()) << finish.status();
  EXPECT_EQ(ToHex(**finish), vector["client_finish"]["protobuf"].text);
  EXPECT_EQ(ToHex(*EncodeFrame(**finish)),
            vector["client_finish"]["wire"].text);
  EXPECT_EQ(client.server().public_key,
            Hex(vector["keys"]["server_static"]["public"]));
  ExpectState(client.state(), vector["symmetric_state"],
              "after_client_payload");
  const NoiseState::TransportKeys transport = client.Split();
  EXPECT_EQ(ToHex(transport.client_to_server),
            vector["transport"]["client_to_server_key"].text);
  EXPECT_EQ(ToHex(transport.server_to_client),
            vector["transport"]["server_to_client_key"].text);
  ExpectFrames(transport.client_to_server, vector["frames_client_to_server"]);
  ExpectFrames(transport.server_to_client, vector["frames_server_to_client"]);
}

void ExpectServerSide(const Json& vector) {
  const Json& keys = vector["keys"];
  NoiseServerHandshake server(
      {KeysOf(keys["server_static"]), Hex(vector["cert"]["chain"])},
      KeysOf(keys["server_ephemeral"]));
  const absl::StatusOr<std::string> hello =
      server.OnClientHello(Hex(vector["client_hello"]["protobuf"]));
  ASSERT_TRUE(hello.ok()) << hello.status();
  EXPECT_EQ(ToHex(*hello), vector["server_hello"]["protobuf"].text);
  EXPECT_EQ(ToHex(*EncodeFrame(*hello)), vector["server_hello"]["wire"].text);
  ExpectState(server.state(), vector["symmetric_state"],
              "after_server_payload");
  const absl::StatusOr<NoiseServerHandshake::Client> client =
      server.OnClientFinish(Hex(vector["client_finish"]["protobuf"]));
  ASSERT_TRUE(client.ok()) << client.status();
  EXPECT_EQ(client->noise_public_key, Hex(keys["client_static"]["public"]));
  EXPECT_EQ(client->payload, Hex(vector["client_payload"]["protobuf"]));
  EXPECT_EQ(ToHex(server.Split().server_to_client),
            vector["transport"]["server_to_client_key"].text);
}

TEST(NoiseVectorTest, BothSidesRunEachVectorByteForByte) {
  const std::vector<Json> vectors = Vectors("noise_xx.json");
  int run = 0;
  for (const Json& vector : vectors) {
    if (vector["expect"].text != "ok") continue;
    SCOPED_TRACE(vector["name"].text);
    ++run;
    WalkStates(vector);
    ExpectClientSide(vector);
    ExpectServerSide(vector);
  }
  EXPECT_GT(run, 0);
}

TEST(NoiseVectorTest, TheClientRefusesEachHelloItMust) {
  const std::vector<Json> vectors = Vectors("noise_xx.json");
  int run = 0;
  for (const Json& vector : vectors) {
    if (vector["expect"].text == "ok") continue;
    SCOPED_TRACE(vector["name"].text);
    ++run;
    NoiseClientHandshake client = MakeClient(vector);
    ASSERT_TRUE(client.ClientHello().ok());
    const absl::Status status =
        client.OnServerHello(Hex(vector["server_hello"]["protobuf"])).status();
    EXPECT_TRUE(absl::IsUnauthenticated(status) ||
                absl::IsInvalidArgument(status))
        << status << ", expected: " << vector["refuse_because"].text;
  }
  EXPECT_GT(run, 0);
}

// Client and server, each with new keys.
class HandshakeTest : public ::testing::Test {
 protected:
  NoiseServerHandshake MakeServer(absl::Duration age) const {
    return NoiseServerHandshake(
        {server_key_,
         MakeCertificateChain(root_, intermediate_, server_key_.public_key,
                              kNow - age, kNow - age + absl::Hours(1))},
        MakeKeyPair());
  }
  NoiseClientHandshake MakeClient(const std::string& root) const {
    return NoiseClientHandshake({root, kNow, ServerCertificate()}, client_key_,
                                MakeKeyPair(), "payload");
  }

  const KeyPair root_ = MakeKeyPair();
  const KeyPair intermediate_ = MakeKeyPair();
  const KeyPair server_key_ = MakeKeyPair();
  const KeyPair client_key_ = MakeKeyPair();
};

TEST_F(HandshakeTest, EndsWithTheSameKeysOnBothSides) {
  NoiseClientHandshake client = MakeClient(root_.public_key);
  NoiseServerHandshake server = MakeServer(absl::Minutes(1));
  const std::string hello = *server.OnClientHello(*client.ClientHello());
  const absl::StatusOr<std::optional<std::string>> finish =
      client.OnServerHello(hello);
  ASSERT_TRUE(finish.ok()) << finish.status();
  const absl::StatusOr<NoiseServerHandshake::Client> told =
      server.OnClientFinish(**finish);
  ASSERT_TRUE(told.ok()) << told.status();
  EXPECT_EQ(told->noise_public_key, client_key_.public_key);
  EXPECT_EQ(told->payload, "payload");
  EXPECT_EQ(client.Split().client_to_server, server.Split().client_to_server);
  EXPECT_EQ(client.Split().server_to_client, server.Split().server_to_client);
  EXPECT_NE(client.Split().server_to_client, client.Split().client_to_server);
}

TEST_F(HandshakeTest, FailsUnderAnotherRootOrOutsideTheValidity) {
  const std::string own = root_.public_key;
  const struct {
    std::string root;
    absl::Duration age;
    const char* why;
  } kCases[] = {
      {MakeKeyPair().public_key, absl::Minutes(1), "not signed by the root"},
      {WhatsAppRootPublicKey(), absl::Minutes(1), "not signed by the root"},
      {own, absl::Hours(2), "not valid now"},
      {own, -absl::Hours(1), "not valid now"},
  };
  for (const auto& c : kCases) {
    NoiseClientHandshake client = MakeClient(c.root);
    NoiseServerHandshake server = MakeServer(c.age);
    const std::string hello = *server.OnClientHello(*client.ClientHello());
    const absl::Status status = client.OnServerHello(hello).status();
    EXPECT_TRUE(absl::IsUnauthenticated(status));
    EXPECT_THAT(status.message(), HasSubstr(c.why));
  }
}

TEST_F(HandshakeTest, RefusesMalformedHellos) {
  NoiseClientHandshake client = MakeClient(root_.public_key);
  const std::string hello = *client.ClientHello();
  for (const std::string& bad : {std::string(), std::string("\xFF"), hello}) {
    EXPECT_TRUE(absl::IsInvalidArgument(client.OnServerHello(bad).status()));
  }
  NoiseServerHandshake server = MakeServer(absl::Minutes(1));
  proto::HandshakeMessage low_order;
  low_order.mutable_client_hello()->set_ephemeral(std::string(32, '\0'));
  proto::HandshakeMessage short_key;
  short_key.mutable_client_hello()->set_ephemeral("short");
  for (const std::string& bad :
       {std::string(), std::string("\xFF"), low_order.SerializeAsString(),
        short_key.SerializeAsString()}) {
    EXPECT_TRUE(absl::IsInvalidArgument(server.OnClientHello(bad).status()));
  }
  EXPECT_TRUE(absl::IsInvalidArgument(server.OnClientFinish(hello).status()));
}

TEST(CertificateTest, WritesTheIssuerSerialZero) {
  const KeyPair root = MakeKeyPair(), intermediate = MakeKeyPair();
  const std::string key = MakeKeyPair().public_key;
  const std::string chain =
      MakeCertificateChain(root, intermediate, key, kNow, kNow);
  proto::CertChain parsed;
  ASSERT_TRUE(parsed.ParseFromString(chain));
  proto::CertChain::NoiseCertificate::Details details;
  ASSERT_TRUE(details.ParseFromString(parsed.intermediate().details()));
  EXPECT_TRUE(details.has_issuer_serial());
  EXPECT_EQ(details.issuer_serial(), 0);
  EXPECT_TRUE(VerifyCertificateChain(chain, root.public_key, key, kNow).ok());
  EXPECT_FALSE(VerifyCertificateChain(chain, root.public_key,
                                      MakeKeyPair().public_key, kNow)
                   .ok());
  EXPECT_FALSE(VerifyCertificateChain("", root.public_key, key, kNow).ok());
}

TEST(CertificateTest, KnowsWhatsAppsRoot) {
  EXPECT_EQ(ToHex(WhatsAppRootPublicKey()),
            "142375574d0a587166aae71ebe516437c4a28b73e3695c6ce1f7f9545da8ee6b");
}

TEST(NoiseCipherTest, RefusesDamagedReorderedAndRepeatedFrames) {
  const std::string key(kKeyBytes, 'k');
  NoiseCipher sender(key);
  const std::string first = *sender.Encrypt("first");
  const std::string second = *sender.Encrypt("second");
  EXPECT_FALSE(NoiseCipher(key).Decrypt(second).ok());
  EXPECT_FALSE(NoiseCipher(key).Decrypt(first.substr(1)).ok());
  EXPECT_FALSE(NoiseCipher(key).Decrypt("").ok());
  NoiseCipher receiver(key);
  EXPECT_EQ(*receiver.Decrypt(first), "first");
  EXPECT_FALSE(receiver.Decrypt(first).ok());
}

}  // namespace
}  // namespace portrait::whatsapp
