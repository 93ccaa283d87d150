// Answers groups results by their sink: one OnResults call for each sink,
// however many of its items were answered.
#ifndef PORTRAIT_CORE_LOOKUP_ANSWERS_H_
#define PORTRAIT_CORE_LOOKUP_ANSWERS_H_

#include <memory>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "core/lookup/freshness.h"
#include "core/lookup/lookup_request.h"
#include "core/lookup/lookup_results.h"
#include "core/work/work_source.h"

namespace portrait {

// The parts of a record that the caller of an item wants.
Wanted WantedBy(const LookupRequest& request, std::string existing_id = "",
                std::string phone_number = "");

// Thread-compatible. Answers for destroyed sinks are dropped.
class Answers {
 public:
  // Adds the record as the waiter's result.
  void Add(const Waiter& waiter, const RecordView& record, const Wanted& wanted,
           v1::Source source, absl::Time now);
  void Add(const Waiter& waiter, const LookupFailure& failure);
  void Add(const std::vector<Waiter>& waiters, const LookupFailure& failure);

  // Delivers the added results. Call it without a lock.
  void Send();

 private:
  struct OfSink {
    std::shared_ptr<ResultSink> sink;
    LookupResults results;
  };

  // Returns null if the sink has been destroyed.
  LookupResults* ResultsFor(const Waiter& waiter);

  std::vector<OfSink> sinks_;
  absl::flat_hash_map<const ResultSink*, size_t> index_;  // into sinks_
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_LOOKUP_ANSWERS_H_
