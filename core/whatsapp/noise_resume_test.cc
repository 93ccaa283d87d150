#include <optional>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "core/whatsapp/certificate.h"
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
using ::testing::HasSubstr;

const absl::Time kNow = absl::FromUnixSeconds(1763716800);

std::string ToHex(absl::string_view bytes) {
  return absl::BytesToHexString(bytes);
}

// A server certificate that is valid at kNow.
ServerCertificate KnownServer(const std::string& public_key) {
  const uint64_t now = absl::ToUnixSeconds(kNow);
  return {public_key, now - 100, now + 100};
}

// ---- transcripts of another implementation, from tests/data

std::vector<Json> Transcripts() {
  const Json file = testing::ReadJsonFile(
      absl::StrCat(testing::TestDataDirectory(), "/noise_resume.json"));
  return file["vectors"].items;
}

bool IsResumed(const Json& transcript) {
  return transcript["pattern"].text == "IK";
}

void ExpectClientSide(const Json& transcript) {
  NoiseClientHandshake client(
      {Hex(transcript["root_public"]), kNow,
       KnownServer(Hex(transcript["known_server_key"]))},
      KeysOf(transcript["client_static"]),
      KeysOf(transcript["client_ephemeral"]),
      Hex(transcript["client_payload"]));
  EXPECT_EQ(client.pattern(), NoisePattern::kIK);
  EXPECT_EQ(ToHex(*client.ClientHello()), transcript["client_hello"].text);
  const absl::StatusOr<std::optional<std::string>> finish =
      client.OnServerHello(Hex(transcript["server_hello"]));
  ASSERT_TRUE(finish.ok()) << finish.status();
  EXPECT_EQ(ToHex(finish->value_or("")), transcript["client_finish"].text);
  EXPECT_EQ(finish->has_value(), !IsResumed(transcript));
  EXPECT_EQ(client.pattern(), IsResumed(transcript)
                                  ? NoisePattern::kIK
                                  : NoisePattern::kXXfallback);
  EXPECT_EQ(ToHex(client.server().public_key),
            transcript["server_static"]["public"].text);
  EXPECT_EQ(ToHex(client.state().hash()), transcript["hash"].text);
  EXPECT_EQ(ToHex(client.Split().client_to_server),
            transcript["client_to_server_key"].text);
  EXPECT_EQ(ToHex(client.Split().server_to_client),
            transcript["server_to_client_key"].text);
}

void ExpectServerSide(const Json& transcript) {
  NoiseServerHandshake server(
      {KeysOf(transcript["server_static"]), Hex(transcript["certificates"])},
      KeysOf(transcript["server_ephemeral"]));
  const absl::StatusOr<std::string> hello =
      server.OnClientHello(Hex(transcript["client_hello"]));
  ASSERT_TRUE(hello.ok()) << hello.status();
  EXPECT_EQ(ToHex(*hello), transcript["server_hello"].text);
  NoiseServerHandshake::Client client = server.client();
  if (!IsResumed(transcript)) {
    EXPECT_EQ(server.pattern(), NoisePattern::kXXfallback);
    client = server.OnClientFinish(Hex(transcript["client_finish"])).value();
  }
  EXPECT_EQ(ToHex(client.noise_public_key),
            transcript["client_static"]["public"].text);
  EXPECT_EQ(ToHex(client.payload), transcript["client_payload"].text);
  EXPECT_EQ(ToHex(server.state().hash()), transcript["hash"].text);
  EXPECT_EQ(ToHex(server.Split().server_to_client),
            transcript["server_to_client_key"].text);
}

TEST(NoiseResumeTranscriptTest, BothSidesRunEachByteForByte) {
  const std::vector<Json> transcripts = Transcripts();
  ASSERT_FALSE(transcripts.empty());
  for (const Json& transcript : transcripts) {
    SCOPED_TRACE(transcript["name"].text);
    ExpectClientSide(transcript);
    ExpectServerSide(transcript);
  }
}

// ---- both sides with new keys

class NoiseResumeTest : public ::testing::Test {
 protected:
  NoiseServerHandshake MakeServer(const KeyPair& key) const {
    return NoiseServerHandshake({key, ChainFor(key.public_key)}, MakeKeyPair());
  }
  std::string ChainFor(const std::string& public_key) const {
    return MakeCertificateChain(root_, intermediate_, public_key, kNow,
                                kNow + absl::Hours(1));
  }
  NoiseClientHandshake MakeClient(ServerCertificate known) const {
    return NoiseClientHandshake({root_.public_key, kNow, std::move(known)},
                                client_key_, MakeKeyPair(), "payload");
  }

  const KeyPair root_ = MakeKeyPair();
  const KeyPair intermediate_ = MakeKeyPair();
  const KeyPair server_key_ = MakeKeyPair();
  const KeyPair client_key_ = MakeKeyPair();
};

TEST_F(NoiseResumeTest, ALaterHandshakeResumesWithWhatAnEarlierOneProved) {
  NoiseClientHandshake first = MakeClient({});
  NoiseServerHandshake server = MakeServer(server_key_);
  EXPECT_EQ(first.pattern(), NoisePattern::kXX);
  ASSERT_TRUE(
      first.OnServerHello(*server.OnClientHello(*first.ClientHello())).ok());
  EXPECT_EQ(first.server(),
            (ServerCertificate{
                server_key_.public_key,
                static_cast<uint64_t>(absl::ToUnixSeconds(kNow)),
                static_cast<uint64_t>(absl::ToUnixSeconds(kNow) + 3600)}));

  NoiseClientHandshake second = MakeClient(first.server());
  NoiseServerHandshake again = MakeServer(server_key_);
  const absl::StatusOr<std::optional<std::string>> finish =
      second.OnServerHello(*again.OnClientHello(*second.ClientHello()));
  ASSERT_TRUE(finish.ok()) << finish.status();
  EXPECT_EQ(*finish, std::nullopt);
  EXPECT_EQ(again.pattern(), NoisePattern::kIK);
  EXPECT_EQ(again.client().noise_public_key, client_key_.public_key);
  EXPECT_EQ(again.client().payload, "payload");
  EXPECT_EQ(second.Split().client_to_server, again.Split().client_to_server);
  EXPECT_EQ(second.Split().server_to_client, again.Split().server_to_client);
  EXPECT_EQ(second.server(), first.server());
}

TEST_F(NoiseResumeTest, AnInvalidOrExpiredServerKeyIsNotUsedToResume) {
  const uint64_t now = absl::ToUnixSeconds(kNow);
  const std::string& key = server_key_.public_key;
  for (const ServerCertificate& known :
       {ServerCertificate{key, now - 100, now - 1},
        ServerCertificate{key, now + 1, now + 100},
        ServerCertificate{key.substr(1), now - 1, now + 1},
        ServerCertificate{}}) {
    EXPECT_EQ(MakeClient(known).pattern(), NoisePattern::kXX);
  }
  EXPECT_EQ(MakeClient({key, now, now}).pattern(), NoisePattern::kIK);
}

TEST_F(NoiseResumeTest, ANewServerKeyIsProvenByTheFullHandshake) {
  NoiseClientHandshake client = MakeClient(KnownServer(server_key_.public_key));
  const KeyPair rotated = MakeKeyPair();
  NoiseServerHandshake server = MakeServer(rotated);
  const absl::StatusOr<std::optional<std::string>> finish =
      client.OnServerHello(*server.OnClientHello(*client.ClientHello()));
  ASSERT_TRUE(finish.ok()) << finish.status();
  ASSERT_TRUE(finish->has_value());
  EXPECT_EQ(server.pattern(), NoisePattern::kXXfallback);
  EXPECT_EQ(server.OnClientFinish(**finish)->payload, "payload");
  EXPECT_EQ(client.server().public_key, rotated.public_key);
  EXPECT_EQ(client.Split().client_to_server, server.Split().client_to_server);
}

TEST_F(NoiseResumeTest, AServerThatIgnoresTheResumptionIsRefused) {
  NoiseClientHandshake client = MakeClient(KnownServer(server_key_.public_key));
  proto::HandshakeMessage hello;
  ASSERT_TRUE(hello.ParseFromString(*client.ClientHello()));
  hello.mutable_client_hello()->clear_static_();
  hello.mutable_client_hello()->clear_payload();
  NoiseServerHandshake server = MakeServer(server_key_);
  EXPECT_TRUE(absl::IsInvalidArgument(
      client.OnServerHello(*server.OnClientHello(hello.SerializeAsString()))
          .status()));
}

TEST_F(NoiseResumeTest, TheShownCertificatesMustHoldAndBeForTheKnownKey) {
  const struct {
    std::string chain;
    const char* why;
  } kCases[] = {
      {ChainFor(MakeKeyPair().public_key), "another key"},
      {MakeCertificateChain(root_, intermediate_, server_key_.public_key,
                            kNow - absl::Hours(2), kNow - absl::Hours(1)),
       "not valid now"},
      {MakeCertificateChain(MakeKeyPair(), intermediate_,
                            server_key_.public_key, kNow, kNow),
       "not signed by the root"},
      {"no chain", "malformed"},
  };
  for (const auto& c : kCases) {
    NoiseClientHandshake client =
        MakeClient(KnownServer(server_key_.public_key));
    NoiseServerHandshake server({server_key_, c.chain}, MakeKeyPair());
    const absl::Status status =
        client.OnServerHello(*server.OnClientHello(*client.ClientHello()))
            .status();
    EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
    EXPECT_THAT(status.message(), HasSubstr(c.why));
  }
}

TEST_F(NoiseResumeTest, NoByteOfTheServersAnswerMayChange) {
  for (const KeyPair& key : {server_key_, MakeKeyPair()}) {
    NoiseClientHandshake client =
        MakeClient(KnownServer(server_key_.public_key));
    NoiseServerHandshake server = MakeServer(key);
    proto::HandshakeMessage answer;
    ASSERT_TRUE(
        answer.ParseFromString(*server.OnClientHello(*client.ClientHello())));
    const auto& hello = answer.server_hello();
    const auto expect_refused = [&](auto change) {
      proto::HandshakeMessage changed = answer;
      change(changed.mutable_server_hello());
      NoiseClientHandshake victim = client;
      EXPECT_FALSE(victim.OnServerHello(changed.SerializeAsString()).ok());
    };
    for (size_t i = 0; i < hello.ephemeral().size(); ++i) {
      // X25519 ignores the top bit of a key, but the transcript hash covers it.
      expect_refused([i](auto* h) { (*h->mutable_ephemeral())[i] ^= 0x80; });
    }
    for (size_t i = 0; i < hello.static_().size(); ++i) {
      expect_refused([i](auto* h) { (*h->mutable_static_())[i] ^= 1; });
    }
    for (size_t i = 0; i < hello.payload().size(); ++i) {
      expect_refused([i](auto* h) { (*h->mutable_payload())[i] ^= 1; });
    }
    expect_refused([](auto* h) { h->clear_payload(); });
    expect_refused([](auto* h) { h->clear_ephemeral(); });
    expect_refused([](auto* h) { h->set_ephemeral(std::string(32, '\0')); });
    expect_refused([](auto* h) { h->set_static_(std::string(48, 'x')); });
    EXPECT_TRUE(client.OnServerHello(answer.SerializeAsString()).ok());
  }
}

TEST_F(NoiseResumeTest, AnUnreadableResumptionLeadsToTheFullHandshake) {
  NoiseClientHandshake client = MakeClient(KnownServer(server_key_.public_key));
  proto::HandshakeMessage message;
  ASSERT_TRUE(message.ParseFromString(*client.ClientHello()));
  const auto pattern_after = [&](auto change) {
    proto::HandshakeMessage changed = message;
    change(changed.mutable_client_hello());
    NoiseServerHandshake server = MakeServer(server_key_);
    EXPECT_TRUE(server.OnClientHello(changed.SerializeAsString()).ok());
    return server.pattern();
  };
  EXPECT_EQ(pattern_after([](auto*) {}), NoisePattern::kIK);
  EXPECT_EQ(pattern_after([](auto* h) { (*h->mutable_static_())[0] ^= 1; }),
            NoisePattern::kXXfallback);
  EXPECT_EQ(pattern_after([](auto* h) { (*h->mutable_payload())[0] ^= 1; }),
            NoisePattern::kXXfallback);
  EXPECT_EQ(pattern_after([](auto* h) { (*h->mutable_ephemeral())[0] ^= 1; }),
            NoisePattern::kXXfallback);
  EXPECT_EQ(pattern_after([](auto* h) { h->set_static_(""); }),
            NoisePattern::kXXfallback);

  message.mutable_client_hello()->clear_payload();
  NoiseServerHandshake server = MakeServer(server_key_);
  EXPECT_TRUE(absl::IsInvalidArgument(
      server.OnClientHello(message.SerializeAsString()).status()));
}

TEST_F(NoiseResumeTest, AKnownKeyOfLowOrderIsAnError) {
  NoiseClientHandshake client = MakeClient(KnownServer(std::string(32, '\0')));
  EXPECT_TRUE(absl::IsInvalidArgument(client.ClientHello().status()));
}

}  // namespace
}  // namespace portrait::whatsapp
