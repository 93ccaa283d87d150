// Answers gathers results by whom they are for: one OnResults call for each
// sink, however many of its items were answered.
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

// What the caller of an item wants.
Wanted WantedBy(const LookupRequest& request, std::string existing_id = "",
                std::string phone_number = "");

// Thread-compatible. Answers to sinks that are gone are dropped.
class Answers {
 public:
  // The record answers the waiter.
  void Add(const Waiter& waiter, const RecordView& record, const Wanted& wanted,
           v1::Source source, absl::Time now);
  void Add(const Waiter& waiter, const LookupFailure& failure);
  void Add(const std::vector<Waiter>& waiters, const LookupFailure& failure);

  // Delivers what was added. Call it without a lock.
  void Send();

 private:
  struct OfSink {
    std::shared_ptr<ResultSink> sink;
    LookupResults results;
  };

  // Null when the sink is gone.
  LookupResults* ResultsFor(const Waiter& waiter);

  std::vector<OfSink> sinks_;
  absl::flat_hash_map<const ResultSink*, size_t> index_;  // into sinks_
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_LOOKUP_ANSWERS_H_
