// CallCounts limits the number of concurrent calls of a kind, per tenant and in
// total.
#ifndef PORTRAIT_SERVER_CALL_COUNTS_H_
#define PORTRAIT_SERVER_CALL_COUNTS_H_

#include <cstddef>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

namespace portrait {

// Thread-safe.
class CallCounts {
 public:
  struct Limits {
    size_t of_tenant;
    size_t in_all;
  };

  explicit CallCounts(Limits limits) : limits_(limits) {}

  // Counts one more call, until Remove. Errors: RESOURCE_EXHAUSTED; the call is
  // then not counted.
  absl::Status Add(const std::string& tenant);
  void Remove(const std::string& tenant);
  size_t size() const;

 private:
  const Limits limits_;

  mutable absl::Mutex mu_;
  absl::flat_hash_map<std::string, size_t> by_tenant_ ABSL_GUARDED_BY(mu_);
  size_t size_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_CALL_COUNTS_H_
