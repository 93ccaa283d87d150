// UsedContacts gathers the contacts that lookups were answered about from the
// store, so that reading one does not wait for the writing that keeps it.
#ifndef PORTRAIT_CORE_STORE_USED_CONTACTS_H_
#define PORTRAIT_CORE_STORE_USED_CONTACTS_H_

#include <cstddef>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"

namespace portrait {

// Thread-safe. Has a thread of its own.
class UsedContacts {
 public:
  // Contacts handed to `write` at once, and those that wait at most before Add
  // lets its caller wait, too: none is lost, and memory is bounded.
  static constexpr size_t kBatch = 1000;
  static constexpr size_t kMaxWaiting = 100 * kBatch;

  using Write = std::function<void(const std::vector<std::string>& jids)>;

  // `write` is called from the thread.
  explicit UsedContacts(Write write);
  // Writes what waits.
  ~UsedContacts();

  void Add(std::vector<std::string> jids);

  // Until all that was added has been written.
  void Flush();

 private:
  void Run();

  const Write write_;
  absl::Mutex mu_;
  absl::flat_hash_set<std::string> waiting_ ABSL_GUARDED_BY(mu_);
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_USED_CONTACTS_H_
