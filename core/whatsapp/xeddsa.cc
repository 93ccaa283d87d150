// XEdDSA in libsignal's variant, on libsodium's and OpenSSL's Ed25519.
//
//   signature = R (32 bytes) ‖ s (32 bytes, little-endian); the top bit of s is
//               the sign of the Edwards form of the signer's key
//
// B is the Ed25519 base point, L its order, p = 2^255 - 19.
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <sodium.h>

#include <array>
#include <cstring>
#include <memory>
#include <optional>

#include "core/base/random.h"
#include "core/whatsapp/crypto.h"

namespace portrait::whatsapp {
namespace {

constexpr size_t kNonceInputBytes = 64;
constexpr unsigned char kSignBit = 0x80;
// An s of 2^253 or more is refused, as in libsignal.
constexpr unsigned char kBitsAboveScalar = 0xE0;

struct Free {
  void operator()(BIGNUM* number) const { BN_free(number); }
  void operator()(BN_CTX* context) const { BN_CTX_free(context); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

// 32 bytes that are overwritten when they go out of scope.
struct Secret : std::array<unsigned char, kKeyBytes> {
  Secret() = default;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { sodium_memzero(data(), size()); }
};

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// Feeds SHA-512 and reduces the result modulo L.
class ScalarHash {
 public:
  ScalarHash() { crypto_hash_sha512_init(&state_); }
  ~ScalarHash() { sodium_memzero(&state_, sizeof(state_)); }

  ScalarHash& Add(const unsigned char* data, size_t size) {
    crypto_hash_sha512_update(&state_, data, size);
    return *this;
  }
  void Finish(unsigned char* scalar) {
    unsigned char digest[crypto_hash_sha512_BYTES];
    crypto_hash_sha512_final(&state_, digest);
    crypto_core_ed25519_scalar_reduce(scalar, digest);
    sodium_memzero(digest, sizeof(digest));
  }

 private:
  crypto_hash_sha512_state state_;
};

void ReduceScalar(const unsigned char* scalar, unsigned char* reduced) {
  unsigned char wide[crypto_core_ed25519_NONREDUCEDSCALARBYTES] = {0};
  std::memcpy(wide, scalar, kKeyBytes);
  crypto_core_ed25519_scalar_reduce(reduced, wide);
  sodium_memzero(wide, sizeof(wide));
}

// The Edwards form of a Montgomery key: y = (u - 1) / (u + 1) mod p, with the
// given sign of x. Returns nothing if u + 1 is 0.
std::optional<std::array<unsigned char, kKeyBytes>> EdwardsKey(
    absl::string_view public_key, unsigned char sign_bit) {
  std::array<unsigned char, kKeyBytes> bytes;
  std::memcpy(bytes.data(), public_key.data(), kKeyBytes);
  bytes[31] &= 0x7F;  // X25519 ignores this bit of a public key

  const Owned<BN_CTX> context(BN_CTX_new());
  const Owned<BIGNUM> p(BN_new()), numerator(BN_new()), y(BN_new());
  const Owned<BIGNUM> u(BN_lebin2bn(bytes.data(), kKeyBytes, nullptr));
  if (!context || !p || !numerator || !y || !u) return std::nullopt;
  const bool computed =
      BN_set_bit(p.get(), 255) && BN_sub_word(p.get(), 19) &&
      BN_nnmod(u.get(), u.get(), p.get(), context.get()) &&
      BN_mod_sub(numerator.get(), u.get(), BN_value_one(), p.get(),
                 context.get()) &&
      BN_mod_add(u.get(), u.get(), BN_value_one(), p.get(), context.get()) &&
      !BN_is_zero(u.get()) &&
      BN_mod_inverse(u.get(), u.get(), p.get(), context.get()) != nullptr &&
      BN_mod_mul(y.get(), numerator.get(), u.get(), p.get(), context.get()) &&
      BN_bn2lebinpad(y.get(), bytes.data(), kKeyBytes) == kKeyBytes;
  if (!computed) return std::nullopt;
  bytes[31] |= sign_bit;
  return bytes;
}

// Whether s·B - h·A encodes to R, for s below L. OpenSSL checks only this;
// libsodium would also refuse keys of small order.
bool Ed25519Verify(const unsigned char* edwards_key, absl::string_view message,
                   const unsigned char* signature) {
  const Owned<EVP_PKEY> key(EVP_PKEY_new_raw_public_key(
      EVP_PKEY_ED25519, nullptr, edwards_key, kKeyBytes));
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  return key && context &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr,
                              key.get()) == 1 &&
         EVP_DigestVerify(context.get(), signature, kSignatureBytes,
                          Bytes(message), message.size()) == 1;
}

}  // namespace

std::string XeddsaSign(absl::string_view private_key,
                       absl::string_view message) {
  std::string random = RandomBytes(kNonceInputBytes);
  std::string signature = XeddsaSignWithRandom(private_key, message, random);
  sodium_memzero(random.data(), random.size());
  return signature;
}

std::string XeddsaSignWithRandom(absl::string_view private_key,
                                 absl::string_view message,
                                 absl::string_view random) {
  // 1. a = the clamped private key, A = a·B.
  KeyPair pair = KeyPairFromPrivate(private_key);
  Secret a;
  ReduceScalar(Bytes(pair.private_key), a.data());
  unsigned char edwards_key[kKeyBytes];
  crypto_scalarmult_ed25519_base_noclamp(edwards_key, a.data());
  const unsigned char sign_bit = edwards_key[31] & kSignBit;

  // 2. r = SHA-512(FE ‖ FF×31 ‖ k ‖ M ‖ Z) mod L, R = r·B.
  std::array<unsigned char, kKeyBytes> prefix;
  prefix.fill(0xFF);
  prefix[0] = 0xFE;
  Secret r;
  ScalarHash()
      .Add(prefix.data(), prefix.size())
      .Add(Bytes(pair.private_key), kKeyBytes)
      .Add(Bytes(message), message.size())
      .Add(Bytes(random), random.size())
      .Finish(r.data());
  sodium_memzero(pair.private_key.data(), pair.private_key.size());
  std::string signature(kSignatureBytes, '\0');
  auto* const out = reinterpret_cast<unsigned char*>(signature.data());
  crypto_scalarmult_ed25519_base_noclamp(out, r.data());

  // 3. s = r + SHA-512(R ‖ A ‖ M)·a mod L, A with its sign bit.
  unsigned char h[kKeyBytes];
  ScalarHash()
      .Add(out, kKeyBytes)
      .Add(edwards_key, kKeyBytes)
      .Add(Bytes(message), message.size())
      .Finish(h);
  Secret product;
  crypto_core_ed25519_scalar_mul(product.data(), h, a.data());
  crypto_core_ed25519_scalar_add(out + kKeyBytes, product.data(), r.data());
  out[63] = (out[63] & ~kSignBit) | sign_bit;
  return signature;
}

bool XeddsaVerify(absl::string_view public_key, absl::string_view message,
                  absl::string_view signature) {
  if (public_key.size() != kKeyBytes || signature.size() != kSignatureBytes) {
    return false;
  }
  std::array<unsigned char, kSignatureBytes> plain;
  std::memcpy(plain.data(), signature.data(), kSignatureBytes);
  const unsigned char sign_bit = plain[63] & kSignBit;
  plain[63] &= ~kSignBit;
  if ((plain[63] & kBitsAboveScalar) != 0) return false;
  // s·B is equal for s and s mod L; peers may send an s between L and 2^253.
  ReduceScalar(plain.data() + kKeyBytes, plain.data() + kKeyBytes);
  const auto edwards_key = EdwardsKey(public_key, sign_bit);
  return edwards_key.has_value() &&
         Ed25519Verify(edwards_key->data(), message, plain.data());
}

}  // namespace portrait::whatsapp
