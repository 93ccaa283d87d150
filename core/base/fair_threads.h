// FairThreads runs blocking work on a few threads. Tenants take turns, so that
// one tenant's work does not wait behind all of another tenant's.
#ifndef PORTRAIT_CORE_BASE_FAIR_THREADS_H_
#define PORTRAIT_CORE_BASE_FAIR_THREADS_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"

namespace portrait {

// Thread-safe.
class FairThreads {
 public:
  using Work = std::function<void()>;

  explicit FairThreads(size_t threads);
  ~FairThreads() { Join(); }

  // Runs `work` when `tenant` has its turn; the work of one tenant starts in
  // order. The caller must bound the amount of posted work.
  void Post(const std::string& tenant, Work work);

  // Runs all posted work and ends the threads. Idempotent.
  void Join();

 private:
  struct Line {
    std::string tenant;
    std::deque<Work> works;  // never empty
  };

  void Run();
  Work PopLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  absl::Mutex mu_;
  std::list<Line> ring_ ABSL_GUARDED_BY(mu_);  // the front has the next turn
  absl::flat_hash_map<std::string, std::list<Line>::iterator> lines_
      ABSL_GUARDED_BY(mu_);
  bool joining_ ABSL_GUARDED_BY(mu_) = false;

  std::vector<std::thread> threads_;  // used by the owner only
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_BASE_FAIR_THREADS_H_
