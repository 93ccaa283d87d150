// UsedContacts collects contacts that lookups have read from the store and
// writes their last use later, so that reads do not wait for writes.
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

// Thread-safe. Owns a thread.
class UsedContacts {
 public:
  // The number of contacts passed to `write` at once, and the number of waiting
  // contacts above which Add blocks: no use is lost, and memory is bounded.
  static constexpr size_t kBatch = 1000;
  static constexpr size_t kMaxWaiting = 100 * kBatch;

  using Write = std::function<void(const std::vector<std::string>& jids)>;

  // `write` is called on the thread.
  explicit UsedContacts(Write write);
  // Writes all waiting contacts.
  ~UsedContacts();

  void Add(std::vector<std::string> jids);

  // Waits until all added contacts have been written.
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
