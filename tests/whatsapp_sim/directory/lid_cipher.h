// Computes hidden ids (LIDs) without tables: a keyed bijection of the phone
// numbers onto themselves, so that millions of accounts can be found by number
// or by LID.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_LID_CIPHER_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_LID_CIPHER_H_

#include <cstdint>

#include "tests/whatsapp_sim/directory/stable_hash.h"

namespace portrait::sim {

// Possible phone numbers: 7 to 15 digits, the first not 0.
inline constexpr uint64_t kLowestNumber = 1'000'000;
inline constexpr uint64_t kNumbersEnd = 1'000'000'000'000'000;

// A value type; thread-safe.
class LidCipher {
 public:
  explicit LidCipher(uint64_t seed) : hash_(seed) {}

  // Both take and return a value in [kLowestNumber, kNumbersEnd). Nine of ten
  // LIDs have 15 digits.
  uint64_t LidOf(uint64_t number) const;
  uint64_t NumberOf(uint64_t lid) const;

 private:
  StableHash hash_;
};

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_LID_CIPHER_H_
