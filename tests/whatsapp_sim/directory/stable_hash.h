// Random draws that are equal on every machine and in every run: the simulated
// network is a function of its seed.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_STABLE_HASH_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_STABLE_HASH_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace portrait::sim {

// A family of independent hash functions, one for each purpose, fixed by a
// seed. A value type; thread-safe.
class StableHash {
 public:
  explicit StableHash(uint64_t seed) : seed_(seed) {}

  // Uniform over 64 bits.
  uint64_t Of(uint32_t purpose, uint64_t subject) const;
  uint64_t Of(uint32_t purpose, absl::string_view subject) const;

  // Uniform in [0, 1).
  double FractionOf(uint32_t purpose, uint64_t subject) const;

 private:
  uint64_t seed_;
};

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_STABLE_HASH_H_
