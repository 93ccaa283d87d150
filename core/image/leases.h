// Leases let one thread at a time work on a named thing, over operations that
// block, such as writing a blob and the reference to it.
#ifndef PORTRAIT_CORE_IMAGE_LEASES_H_
#define PORTRAIT_CORE_IMAGE_LEASES_H_

#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"

namespace portrait {

// Thread-safe. Outlives its leases.
class Leases {
 public:
  // Held until it is destroyed. A thread holds at most one lease at a time.
  class Lease {
   public:
    Lease(Leases& leases, std::string name)
        : leases_(leases), name_(std::move(name)) {
      leases_.Take(name_);
    }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() { leases_.GiveBack(name_); }

   private:
    Leases& leases_;
    const std::string name_;
  };

 private:
  struct Wanted {
    const Leases* leases;
    const std::string* name;
  };
  static bool IsFree(Wanted* wanted) ABSL_NO_THREAD_SAFETY_ANALYSIS {
    return !wanted->leases->taken_.contains(*wanted->name);
  }

  void Take(const std::string& name) {
    Wanted wanted = {this, &name};
    absl::MutexLock lock(&mu_, absl::Condition(&IsFree, &wanted));
    taken_.insert(name);
  }
  void GiveBack(const std::string& name) {
    absl::MutexLock lock(&mu_);
    taken_.erase(name);
  }

  absl::Mutex mu_;
  absl::flat_hash_set<std::string> taken_ ABSL_GUARDED_BY(mu_);
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_IMAGE_LEASES_H_
