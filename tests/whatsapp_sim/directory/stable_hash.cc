#include "tests/whatsapp_sim/directory/stable_hash.h"

#include <sodium.h>

#include <array>

namespace portrait::sim {
namespace {

void PutLittleEndian(uint64_t value, unsigned char* bytes) {
  for (int i = 0; i < 8; ++i) {
    bytes[i] = static_cast<unsigned char>(value >> (8 * i));
  }
}

}  // namespace

uint64_t StableHash::Of(uint32_t purpose, absl::string_view subject) const {
  // SipHash-2-4 with a key made of the seed and the purpose.
  std::array<unsigned char, crypto_shorthash_KEYBYTES> key;
  PutLittleEndian(seed_, key.data());
  PutLittleEndian(purpose, key.data() + 8);
  std::array<unsigned char, crypto_shorthash_BYTES> hash;
  crypto_shorthash(hash.data(),
                   reinterpret_cast<const unsigned char*>(subject.data()),
                   subject.size(), key.data());
  uint64_t value = 0;
  for (size_t i = hash.size(); i > 0; --i) value = value << 8 | hash[i - 1];
  return value;
}

uint64_t StableHash::Of(uint32_t purpose, uint64_t subject) const {
  std::array<unsigned char, 8> bytes;
  PutLittleEndian(subject, bytes.data());
  return Of(purpose,
            absl::string_view(reinterpret_cast<const char*>(bytes.data()),
                              bytes.size()));
}

double StableHash::FractionOf(uint32_t purpose, uint64_t subject) const {
  constexpr int kMantissaBits = 53;
  return static_cast<double>(Of(purpose, subject) >> (64 - kMantissaBits)) /
         static_cast<double>(uint64_t{1} << kMantissaBits);
}

}  // namespace portrait::sim
