#include "tests/whatsapp_sim/directory/lid_cipher.h"

namespace portrait::sim {
namespace {

// A Feistel network over 50 bits: 2^50 is just above kNumbersEnd.
constexpr int kRounds = 6;
constexpr int kHalfBits = 25;
constexpr uint64_t kHalfMask = (uint64_t{1} << kHalfBits) - 1;
constexpr uint32_t kFirstRoundPurpose = 0x11d00;

uint64_t Encrypt(const StableHash& hash, uint64_t value) {
  uint64_t left = value >> kHalfBits;
  uint64_t right = value & kHalfMask;
  for (int round = 0; round < kRounds; ++round) {
    const uint64_t next =
        left ^ (hash.Of(kFirstRoundPurpose + round, right) & kHalfMask);
    left = right;
    right = next;
  }
  return left << kHalfBits | right;
}

uint64_t Decrypt(const StableHash& hash, uint64_t value) {
  uint64_t left = value >> kHalfBits;
  uint64_t right = value & kHalfMask;
  for (int round = kRounds - 1; round >= 0; --round) {
    const uint64_t previous =
        right ^ (hash.Of(kFirstRoundPurpose + round, left) & kHalfMask);
    right = left;
    left = previous;
  }
  return left << kHalfBits | right;
}

bool InRange(uint64_t value) {
  return value >= kLowestNumber && value < kNumbersEnd;
}

}  // namespace

// Repeating the cipher until the value is in range keeps the bijection; one
// value in nine needs a second round.
uint64_t LidCipher::LidOf(uint64_t number) const {
  uint64_t value = number;
  do {
    value = Encrypt(hash_, value);
  } while (!InRange(value));
  return value;
}

uint64_t LidCipher::NumberOf(uint64_t lid) const {
  uint64_t value = lid;
  do {
    value = Decrypt(hash_, value);
  } while (!InRange(value));
  return value;
}

}  // namespace portrait::sim
