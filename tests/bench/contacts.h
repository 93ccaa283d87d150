// The contacts of benchmarks: contact `index` always has the same number, JID
// and picture.
#ifndef PORTRAIT_TESTS_BENCH_CONTACTS_H_
#define PORTRAIT_TESTS_BENCH_CONTACTS_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "core/store/observation.h"

namespace portrait::bench {

// Indexes below this have distinct numbers.
inline constexpr uint64_t kMaxContacts = 100'000'000;

// Returns a number such as "4915112345678". Neighbouring indexes have distant
// numbers, like the keys of a store that has grown over time.
std::string Digits(uint64_t index);

// A visible picture with a full URL; its record takes about 320 bytes.
Observation MakeObservation(uint64_t index, absl::Time at);

}  // namespace portrait::bench

#endif  // PORTRAIT_TESTS_BENCH_CONTACTS_H_
