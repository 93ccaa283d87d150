#include "server/result_queue.h"

#include <string>
#include <utility>

namespace portrait {
namespace {

grpc::Slice Owning(std::string bytes) {
  auto* const kept = new std::string(std::move(bytes));
  return grpc::Slice(
      kept->data(), kept->size(),
      [](void* string) { delete static_cast<std::string*>(string); }, kept);
}

}  // namespace

void ResultQueue::Push(LookupResults results) {
  if (results.empty()) return;
  size_ += results.size();
  batches_.push_back(std::move(results));
}

size_t ResultQueue::Take(size_t max_results, size_t max_bytes,
                         std::vector<grpc::Slice>* message,
                         EnrichCounter* counter) {
  size_t taken = 0, bytes = 0;
  while (!empty() && taken < max_results && bytes < max_bytes) {
    LookupResults& batch = batches_.front();
    size_t last = first_;
    size_t end = bytes;
    while (last < batch.size() && taken < max_results && end < max_bytes) {
      counter->AddCompleted(batch.facts()[last]);
      ++last;
      ++taken;
      end = bytes + batch.Encoded(first_, last).size();
    }
    size_ -= last - first_;
    bytes = end;
    if (first_ == 0 && last == batch.size()) {
      message->push_back(Owning(std::move(batch).TakeEncoded()));
    } else {
      const absl::string_view part = batch.Encoded(first_, last);
      message->emplace_back(part.data(), part.size());
    }
    first_ = last;
    if (last == batch.size()) {
      batches_.pop_front();
      first_ = 0;
    }
  }
  return taken;
}

}  // namespace portrait
