#include "core/whatsapp/crypto.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "core/base/random.h"
#include "gtest/gtest.h"
#include "tests/support/vectors.h"

namespace portrait::whatsapp {
namespace {

using ::portrait::testing::Hex;
using ::portrait::testing::Json;
using ::portrait::testing::Vectors;

std::string FromHex(absl::string_view digits) {
  return absl::HexStringToBytes(digits);
}
std::string ToHex(absl::string_view bytes) {
  return absl::BytesToHexString(bytes);
}

TEST(CryptoTest, HashesAsPublished) {
  EXPECT_EQ(ToHex(Sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(ToHex(Sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(ToHex(Md5("abc")), "900150983cd24fb0d6963f7d28e17f72");
  // RFC 4231, case 2.
  EXPECT_EQ(ToHex(HmacSha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(ToHex(HmacSha256("", "")),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(CryptoTest, DerivesKeysAsPublished) {
  // RFC 5869, cases 1 and 3.
  const std::string input = std::string(22, '\x0b');
  EXPECT_EQ(ToHex(HkdfSha256(input, FromHex("000102030405060708090a0b0c"),
                             FromHex("f0f1f2f3f4f5f6f7f8f9"), 42)),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
            "34007208d5b887185865");
  EXPECT_EQ(ToHex(HkdfSha256(input, "", "", 42)),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
            "9d201395faa4b61a96c8");
  // RFC 7914, section 11.
  EXPECT_EQ(ToHex(Pbkdf2HmacSha256("passwd", "salt", 1, 64)),
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
            "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783");
}

TEST(CryptoTest, AgreesOnAKeyAsPublished) {
  const KeyPair alice = MakeKeyPair(), bob = MakeKeyPair();
  EXPECT_EQ(*X25519(alice.private_key, bob.public_key),
            *X25519(bob.private_key, alice.public_key));
  // RFC 7748, section 5.2.
  EXPECT_EQ(
      ToHex(*X25519(FromHex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18"
                            "506a2244ba449ac4"),
                    FromHex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b"
                            "10a903a6d0ab1c4c"))),
      "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
}

TEST(CryptoTest, RefusesKeysThatAgreeOnNothing) {
  const std::string own = MakeKeyPair().private_key;
  EXPECT_FALSE(X25519(own, std::string(32, '\0')).ok());
  EXPECT_FALSE(X25519(own, "\x01" + std::string(31, '\0')).ok());
  EXPECT_FALSE(X25519(own, std::string(31, '\x09')).ok());
  EXPECT_FALSE(X25519("short", MakeKeyPair().public_key).ok());
}

TEST(CryptoTest, OpensWhatItSealedAndNothingElse) {
  const std::string key = RandomBytes(32), nonce = RandomBytes(12);
  for (const std::string& text :
       {std::string(), std::string("text"), std::string(100000, 'x')}) {
    const std::string sealed = AesGcmEncrypt(key, nonce, "data", text);
    EXPECT_EQ(sealed.size(), text.size() + kGcmTagBytes);
    EXPECT_EQ(*AesGcmDecrypt(key, nonce, "data", sealed), text);
    EXPECT_FALSE(AesGcmDecrypt(key, nonce, "other", sealed).ok());
    EXPECT_FALSE(AesGcmDecrypt(key, RandomBytes(12), "data", sealed).ok());
    std::string damaged = sealed;
    damaged.back() ^= 1;
    EXPECT_FALSE(AesGcmDecrypt(key, nonce, "data", damaged).ok());
  }
  EXPECT_FALSE(AesGcmDecrypt(key, nonce, "", "shorter").ok());
  EXPECT_FALSE(AesGcmDecrypt("key", nonce, "", std::string(16, 'x')).ok());
}

TEST(CryptoTest, CountsBlocksAsPublished) {
  // NIST SP 800-38A, F.5.5.
  const std::string key = FromHex(
      "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");
  const std::string counter = FromHex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
  const std::string plain = FromHex(
      "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");
  const std::string sealed = AesCtr(key, counter, plain);
  EXPECT_EQ(ToHex(sealed),
            "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5");
  EXPECT_EQ(AesCtr(key, counter, sealed), plain);
}

TEST(XeddsaTest, VerifiesAndSignsAsEachVectorSays) {
  const std::vector<Json> vectors = Vectors("xeddsa.json");
  ASSERT_FALSE(vectors.empty());
  for (const Json& vector : vectors) {
    SCOPED_TRACE(vector["name"].text);
    const std::string message = Hex(vector["message"]);
    EXPECT_EQ(
        XeddsaVerify(Hex(vector["public"]), message, Hex(vector["signature"])),
        vector["valid"].boolean());
    if (vector["random64"].is_null()) continue;
    EXPECT_EQ(ToHex(XeddsaSignWithRandom(Hex(vector["private"]), message,
                                         Hex(vector["random64"]))),
              vector["signature"].text);
    EXPECT_EQ(KeyPairFromPrivate(Hex(vector["private"])).public_key,
              Hex(vector["public"]));
  }
}

TEST(XeddsaTest, VerifiesWhatItSigned) {
  for (int i = 0; i < 50; ++i) {
    const KeyPair key = MakeKeyPair();
    const std::string message = RandomBytes(i);
    const std::string signature = XeddsaSign(key.private_key, message);
    EXPECT_TRUE(XeddsaVerify(key.public_key, message, signature));
    EXPECT_FALSE(XeddsaVerify(key.public_key, message + "x", signature));
    EXPECT_FALSE(XeddsaVerify(MakeKeyPair().public_key, message, signature));
  }
}

// Adds L to s (little-endian): another s for the same point.
std::string WithOrderAdded(std::string signature) {
  const std::string order = FromHex(
      "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  const char sign = signature[63] & '\x80';
  signature[63] &= '\x7F';
  int carry = 0;
  for (int i = 0; i < 32; ++i) {
    const int sum = static_cast<uint8_t>(signature[32 + i]) +
                    static_cast<uint8_t>(order[i]) + carry;
    signature[32 + i] = static_cast<char>(sum);
    carry = sum >> 8;
  }
  signature[63] |= sign;
  return signature;
}

TEST(XeddsaTest, AcceptsScalarsUpToTwoToThe253) {
  const KeyPair key = MakeKeyPair();
  const std::string signature =
      WithOrderAdded(XeddsaSign(key.private_key, "message"));
  EXPECT_TRUE(XeddsaVerify(key.public_key, "message", signature));
  const std::string too_large = WithOrderAdded(signature);
  EXPECT_FALSE(XeddsaVerify(key.public_key, "message", too_large));
}

TEST(XeddsaTest, RefusesKeysThatAreNotPoints) {
  const std::string signature =
      XeddsaSign(MakeKeyPair().private_key, "message");
  // u = -1: u + 1 has no inverse.
  const std::string minus_one = "\xec" + std::string(30, '\xff') + "\x7f";
  EXPECT_FALSE(XeddsaVerify(minus_one, "message", signature));
  EXPECT_FALSE(XeddsaVerify("", "message", signature));
  EXPECT_FALSE(XeddsaVerify(std::string(32, '\0'), "message", signature));
}

}  // namespace
}  // namespace portrait::whatsapp
