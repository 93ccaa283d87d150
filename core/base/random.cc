#include "core/base/random.h"

#include <sodium.h>

#include <cstdlib>

namespace portrait {
namespace {

// sodium_init is idempotent and thread-safe; without it the generator may not
// be seeded.
void EnsureSodium() {
  static const bool ready = [] {
    if (sodium_init() < 0) std::abort();
    return true;
  }();
  (void)ready;
}

}  // namespace

std::string RandomBytes(size_t size) {
  EnsureSodium();
  std::string bytes(size, '\0');
  randombytes_buf(bytes.data(), bytes.size());
  return bytes;
}

uint32_t RandomBelow(uint32_t bound) {
  EnsureSodium();
  return bound == 0 ? 0 : randombytes_uniform(bound);
}

double RandomBetween(double low, double high) {
  constexpr uint32_t kSteps = 1u << 30;
  return low + (high - low) * RandomBelow(kSteps) / kSteps;
}

}  // namespace portrait
