#include "core/whatsapp/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/base/random.h"
#include "core/base/secret.h"

namespace portrait::whatsapp {
namespace {

constexpr size_t kSha256Bytes = 32;
constexpr size_t kCounterBytes = 16;

struct FreeCipherContext {
  void operator()(EVP_CIPHER_CTX* context) const {
    EVP_CIPHER_CTX_free(context);
  }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeCipherContext>;

// Ends the process if a call fails that only a bug or exhausted memory can make
// fail: continuing would mean sending plaintext or garbage.
void Require(bool condition) {
  if (!condition) std::abort();
}

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

// Never freed. OpenSSL 3 looks up the algorithms of EVP_sha256() and similar
// functions at each use, which takes longer than a digest of a few bytes.
const EVP_MD* Fetch(const char* name) {
  const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, name, nullptr);
  Require(algorithm != nullptr);
  return algorithm;
}

std::string Digest(const EVP_MD* algorithm, absl::string_view data) {
  std::string digest(EVP_MD_get_size(algorithm), '\0');
  Require(EVP_Digest(data.data(), data.size(), Bytes(digest), nullptr,
                     algorithm, nullptr) == 1);
  return digest;
}

}  // namespace

KeyPair MakeKeyPair() {
  return KeyPairFromPrivate(Secret(RandomBytes(kKeyBytes)));
}

KeyPair KeyPairFromPrivate(absl::string_view private_key) {
  Require(private_key.size() == kKeyBytes);
  KeyPair pair{std::string(private_key), std::string(kKeyBytes, '\0')};
  unsigned char* const key = Bytes(pair.private_key);
  key[0] &= 0xF8;
  key[31] = (key[31] & 0x7F) | 0x40;
  Require(crypto_scalarmult_curve25519_base(Bytes(pair.public_key), key) == 0);
  return pair;
}

absl::StatusOr<std::string> X25519(absl::string_view private_key,
                                   absl::string_view public_key) {
  if (private_key.size() != kKeyBytes || public_key.size() != kKeyBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("X25519: a key is not ", kKeyBytes, " bytes long"));
  }
  std::string shared(kKeyBytes, '\0');
  if (crypto_scalarmult_curve25519(Bytes(shared), Bytes(private_key),
                                   Bytes(public_key)) != 0) {
    return absl::InvalidArgumentError("X25519: the public key has low order");
  }
  return shared;
}

std::string Sha1(absl::string_view data) { return Digest(EVP_sha1(), data); }
std::string Sha256(absl::string_view data) {
  static const EVP_MD* const algorithm = Fetch("SHA256");
  return Digest(algorithm, data);
}
std::string Md5(absl::string_view data) {
  static const EVP_MD* const algorithm = Fetch("MD5");
  return Digest(algorithm, data);
}

std::string HmacSha256(absl::string_view key, absl::string_view data) {
  std::string mac(kSha256Bytes, '\0');
  // HMAC() reads a null key as "the previous key".
  const absl::string_view some_key = key.empty() ? "" : key;
  Require(HMAC(EVP_sha256(), some_key.data(), static_cast<int>(key.size()),
               Bytes(data), data.size(), Bytes(mac), nullptr) != nullptr);
  return mac;
}

std::string HkdfSha256(absl::string_view input_key, absl::string_view salt,
                       absl::string_view info, size_t bytes) {
  Require(bytes <= 255 * kSha256Bytes);
  const std::string zeros(kSha256Bytes, '\0');
  const Secret extracted = HmacSha256(salt.empty() ? zeros : salt, input_key);
  std::string output, block;
  for (unsigned char i = 1; output.size() < bytes; ++i) {
    absl::StrAppend(&block, info,
                    absl::string_view(reinterpret_cast<const char*>(&i), 1));
    block = HmacSha256(extracted, block);
    output.append(block);
  }
  sodium_memzero(block.data(), block.size());
  output.resize(bytes);
  return output;
}

std::string Pbkdf2HmacSha256(absl::string_view password, absl::string_view salt,
                             uint32_t iterations, size_t bytes) {
  std::string key(bytes, '\0');
  Require(PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                            Bytes(salt), static_cast<int>(salt.size()),
                            static_cast<int>(iterations), EVP_sha256(),
                            static_cast<int>(bytes), Bytes(key)) == 1);
  return key;
}

std::string AesGcmEncrypt(absl::string_view key, absl::string_view nonce,
                          absl::string_view associated_data,
                          absl::string_view plaintext) {
  Require(key.size() == kKeyBytes && nonce.size() == kGcmNonceBytes);
  const CipherContext context(EVP_CIPHER_CTX_new());
  Require(context != nullptr);
  Require(EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr,
                             Bytes(key), Bytes(nonce)) == 1);
  int size = 0;
  if (!associated_data.empty()) {
    Require(EVP_EncryptUpdate(context.get(), nullptr, &size,
                              Bytes(associated_data),
                              static_cast<int>(associated_data.size())) == 1);
  }
  std::string ciphertext(plaintext.size() + kGcmTagBytes, '\0');
  if (!plaintext.empty()) {
    Require(EVP_EncryptUpdate(context.get(), Bytes(ciphertext), &size,
                              Bytes(plaintext),
                              static_cast<int>(plaintext.size())) == 1);
  }
  unsigned char* const tag = Bytes(ciphertext) + plaintext.size();
  Require(EVP_EncryptFinal_ex(context.get(), tag, &size) == 1);
  Require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG,
                              kGcmTagBytes, tag) == 1);
  return ciphertext;
}

absl::StatusOr<std::string> AesGcmDecrypt(absl::string_view key,
                                          absl::string_view nonce,
                                          absl::string_view associated_data,
                                          absl::string_view ciphertext) {
  if (key.size() != kKeyBytes || nonce.size() != kGcmNonceBytes) {
    return absl::InvalidArgumentError("AES-GCM: wrong length of key or nonce");
  }
  if (ciphertext.size() < kGcmTagBytes) {
    return absl::InvalidArgumentError("AES-GCM: shorter than its tag");
  }
  const size_t data_bytes = ciphertext.size() - kGcmTagBytes;
  std::string tag(ciphertext.substr(data_bytes));
  const CipherContext context(EVP_CIPHER_CTX_new());
  Require(context != nullptr);
  Require(EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr,
                             Bytes(key), Bytes(nonce)) == 1);
  Require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG,
                              kGcmTagBytes, tag.data()) == 1);
  int size = 0;
  if (!associated_data.empty()) {
    Require(EVP_DecryptUpdate(context.get(), nullptr, &size,
                              Bytes(associated_data),
                              static_cast<int>(associated_data.size())) == 1);
  }
  std::string plaintext(data_bytes, '\0');
  if (data_bytes > 0) {
    Require(EVP_DecryptUpdate(context.get(), Bytes(plaintext), &size,
                              Bytes(ciphertext),
                              static_cast<int>(data_bytes)) == 1);
  }
  unsigned char rest[kCounterBytes];
  if (EVP_DecryptFinal_ex(context.get(), rest, &size) != 1) {
    return absl::InvalidArgumentError("AES-GCM: the tag does not match");
  }
  return plaintext;
}

std::string AesCtr(absl::string_view key, absl::string_view counter,
                   absl::string_view data) {
  Require(key.size() == kKeyBytes && counter.size() == kCounterBytes);
  const CipherContext context(EVP_CIPHER_CTX_new());
  Require(context != nullptr);
  Require(EVP_EncryptInit_ex(context.get(), EVP_aes_256_ctr(), nullptr,
                             Bytes(key), Bytes(counter)) == 1);
  std::string output(data.size(), '\0');
  int size = 0;
  if (!data.empty()) {
    Require(EVP_EncryptUpdate(context.get(), Bytes(output), &size, Bytes(data),
                              static_cast<int>(data.size())) == 1);
  }
  return output;
}

bool ConstantTimeEquals(absl::string_view a, absl::string_view b) {
  return a.size() == b.size() &&
         CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace portrait::whatsapp
