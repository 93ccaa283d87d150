#include "core/whatsapp/pairing_code.h"

#include "absl/strings/escaping.h"
#include "core/whatsapp/crypto.h"
#include "gtest/gtest.h"
#include "tests/support/vectors.h"

namespace portrait::whatsapp {
namespace {

using ::portrait::testing::Hex;
using ::portrait::testing::Json;
using ::portrait::testing::KeysOf;
using ::portrait::testing::VectorsOfKind;

std::string ToHex(absl::string_view bytes) {
  return absl::BytesToHexString(bytes);
}

TEST(LinkCodeTest, IsWhatEachVectorSays) {
  const std::vector<Json> vectors = VectorsOfKind("pairing_code.json", "code");
  ASSERT_FALSE(vectors.empty());
  for (const Json& vector : vectors) {
    EXPECT_EQ(LinkCode(Hex(vector["bytes"])), vector["code"].text);
    EXPECT_EQ(ShownLinkCode(vector["code"].text), vector["shown_as"].text);
  }
}

// Tests one side's key, encrypted under the code.
void ExpectWrappedKey(const Json& vector, const std::string& side) {
  SCOPED_TRACE(side);
  const std::string code = vector["code"].text;
  const std::string salt = Hex(vector[side + "_salt"]);
  const std::string iv = Hex(vector[side + "_iv"]);
  const std::string key = KeysOf(vector[side + "_ephemeral"]).public_key;
  const Json& wrapped = vector["wrapped_" + side + "_ephemeral_pub"];
  EXPECT_EQ(ToHex(LinkCodeKey(code, salt)), vector[side + "_code_key"].text);
  EXPECT_EQ(ToHex(WrapKey(code, salt, iv, key)), wrapped.text);
  EXPECT_EQ(*UnwrapKey(code, Hex(wrapped)), key);
}

TEST(LinkCodeTest, BothSidesDeriveWhatEachVectorSays) {
  const std::vector<Json> vectors =
      VectorsOfKind("pairing_code.json", "derivation");
  ASSERT_FALSE(vectors.empty());
  for (const Json& vector : vectors) {
    SCOPED_TRACE(vector["name"].text);
    ExpectWrappedKey(vector, "companion");
    ExpectWrappedKey(vector, "primary");

    const KeyPair companion = KeysOf(vector["companion_ephemeral"]);
    const KeyPair primary = KeysOf(vector["primary_ephemeral"]);
    const std::string shared =
        *X25519(companion.private_key, primary.public_key);
    EXPECT_EQ(ToHex(shared), vector["ephemeral_shared_secret"].text);
    EXPECT_EQ(*X25519(primary.private_key, companion.public_key), shared);

    const KeyPair companion_identity = KeysOf(vector["companion_identity"]);
    const KeyPair primary_identity = KeysOf(vector["primary_identity"]);
    const std::string adv_random = Hex(vector["adv_random"]);
    EXPECT_EQ(ToHex(SealKeyBundle(shared, Hex(vector["bundle_salt"]),
                                  Hex(vector["bundle_nonce"]),
                                  {companion_identity.public_key,
                                   primary_identity.public_key, adv_random})),
              vector["wrapped_key_bundle"].text);
    const absl::StatusOr<KeyBundle> bundle =
        OpenKeyBundle(shared, Hex(vector["wrapped_key_bundle"]));
    ASSERT_TRUE(bundle.ok()) << bundle.status();
    EXPECT_EQ(bundle->companion_identity, companion_identity.public_key);
    EXPECT_EQ(bundle->primary_identity, primary_identity.public_key);
    EXPECT_EQ(bundle->adv_random, adv_random);

    const std::string identities =
        *X25519(companion_identity.private_key, primary_identity.public_key);
    EXPECT_EQ(ToHex(identities), vector["identity_shared_secret"].text);
    EXPECT_EQ(
        *X25519(primary_identity.private_key, companion_identity.public_key),
        identities);
    EXPECT_EQ(ToHex(LinkCodeAdvSecret(shared, identities, adv_random)),
              vector["adv_secret"].text);
  }
}

TEST(LinkCodeTest, AWrongCodeShowsWhenTheBundleIsOpened) {
  const KeyPair companion = MakeKeyPair(), primary = MakeKeyPair();
  const std::string salt(kLinkCodeSaltBytes, 's'), iv(kLinkCodeIvBytes, 'i');
  const std::string wrapped =
      WrapKey("AAAABBBB", salt, iv, companion.public_key);
  const std::string wrong = *UnwrapKey("AAAABBBC", wrapped);
  EXPECT_NE(wrong, companion.public_key);
  const std::string key(kKeyBytes, 'k');
  const std::string bundle =
      SealKeyBundle(*X25519(companion.private_key, primary.public_key), salt,
                    std::string(kGcmNonceBytes, 'n'), {key, key, key});
  EXPECT_FALSE(OpenKeyBundle(*X25519(primary.private_key, wrong), bundle).ok());
}

TEST(LinkCodeTest, RefusesOtherLengths) {
  EXPECT_FALSE(UnwrapKey("AAAABBBB", std::string(79, 'x')).ok());
  EXPECT_FALSE(OpenKeyBundle(std::string(32, 'x'), "").ok());
  EXPECT_FALSE(OpenKeyBundle(std::string(32, 'x'), std::string(157, 'x')).ok());
}

}  // namespace
}  // namespace portrait::whatsapp
