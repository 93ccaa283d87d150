// ResultQueue holds a stream's results until they are sent, and divides them
// into messages. Results stay serialized: whole batches are not copied.
#ifndef PORTRAIT_SERVER_RESULT_QUEUE_H_
#define PORTRAIT_SERVER_RESULT_QUEUE_H_

#include <cstddef>
#include <deque>
#include <vector>

#include "core/lookup/lookup_results.h"
#include "grpcpp/support/slice.h"
#include "server/enrich_counter.h"

namespace portrait {

// Thread-compatible.
class ResultQueue {
 public:
  void Push(LookupResults results);

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }  // number of results

  // Moves the next results into `message`, as slices of a serialized
  // EnrichProfilePicturesResponse: up to `max_results`, stopping once they have
  // `max_bytes`. Counts each result in `counter`; returns their number.
  size_t Take(size_t max_results, size_t max_bytes,
              std::vector<grpc::Slice>* message, EnrichCounter* counter);

 private:
  std::deque<LookupResults> batches_;  // all have results left
  size_t first_ = 0;  // first result of the first batch to take
  size_t size_ = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_RESULT_QUEUE_H_
