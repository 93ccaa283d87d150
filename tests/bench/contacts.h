// The contacts that benchmarks store and ask for: contact `index` always has
// the same number, JID and picture.
#ifndef PORTRAIT_TESTS_BENCH_CONTACTS_H_
#define PORTRAIT_TESTS_BENCH_CONTACTS_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "core/store/observation.h"

namespace portrait::bench {

// Indexes are below this: each has a number of its own.
inline constexpr uint64_t kMaxContacts = 100'000'000;

// "4915112345678": neighbouring indexes have numbers far apart, as the keys of
// a store that grew by and by.
std::string Digits(uint64_t index);

// A visible picture with the full URL; its record takes about 320 bytes.
Observation MakeObservation(uint64_t index, absl::Time at);

}  // namespace portrait::bench

#endif  // PORTRAIT_TESTS_BENCH_CONTACTS_H_
