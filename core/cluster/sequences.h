// Sequences numbers the changes that this node writes. Messages of different
// partitions are applied in any order, so it also knows up to which number
// every change is settled: applied, or never to be.
#ifndef PORTRAIT_CORE_CLUSTER_SEQUENCES_H_
#define PORTRAIT_CORE_CLUSTER_SEQUENCES_H_

#include <cstddef>
#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/container/btree_map.h"
#include "absl/synchronization/mutex.h"

namespace portrait::cluster {

// Thread-safe. A number is open from Assign until it is closed.
class Sequences {
 public:
  // A term begins: numbers follow `last`, and none is open.
  void Begin(uint64_t last);
  // The number of the next change, which will be written to the place.
  uint64_t Assign(size_t place);
  // The change was read back, or was not written.
  void Close(uint64_t sequence);
  // A claim of this node was read: what it wrote to the place before has been
  // read, or does not count. Returns whether a number was open.
  bool CloseAllOf(size_t place);

  // The newest number that was assigned.
  uint64_t last() const;
  // The number up to which changes may be shown. A smaller one does not appear
  // later. `applied` is the newest number of the copy, read before this call.
  uint64_t Settled(uint64_t applied) const;

 private:
  mutable absl::Mutex mu_;
  uint64_t last_ ABSL_GUARDED_BY(mu_) = 0;
  absl::btree_map<uint64_t, size_t> open_ ABSL_GUARDED_BY(mu_);  // to places
};

}  // namespace portrait::cluster

#endif  // PORTRAIT_CORE_CLUSTER_SEQUENCES_H_
