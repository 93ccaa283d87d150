// Cryptographically strong random bytes and numbers (libsodium).
#ifndef PORTRAIT_CORE_BASE_RANDOM_H_
#define PORTRAIT_CORE_BASE_RANDOM_H_

#include <cstddef>
#include <cstdint>
#include <string>

namespace portrait {

// Thread-safe.
std::string RandomBytes(size_t size);

// Uniform in [0, bound); 0 when bound is 0. Thread-safe.
uint32_t RandomBelow(uint32_t bound);

// Uniform in [low, high). Thread-safe.
double RandomBetween(double low, double high);

}  // namespace portrait

#endif  // PORTRAIT_CORE_BASE_RANDOM_H_
