#include "core/lookup/answers.h"

namespace portrait {

Wanted WantedBy(const LookupRequest& request, std::string existing_id,
                std::string phone_number) {
  return {.size = request.size,
          .max_age = request.max_age,
          .existing_id = std::move(existing_id),
          .session = request.session,
          .phone_number = std::move(phone_number),
          .tells_session = request.tells_accounts};
}

LookupResults* Answers::ResultsFor(const Waiter& waiter) {
  std::shared_ptr<ResultSink> sink = waiter.call->sink.lock();
  if (sink == nullptr) return nullptr;
  const auto [found, is_new] = index_.try_emplace(sink.get(), sinks_.size());
  if (is_new) sinks_.push_back({std::move(sink), {}});
  return &sinks_[found->second].results;
}

void Answers::Add(const Waiter& waiter, const RecordView& record,
                  const Wanted& wanted, v1::Source source, absl::Time now) {
  if (LookupResults* const results = ResultsFor(waiter)) {
    results->AddPicture(waiter.tag, record, wanted, source, now,
                        waiter.changed);
  }
}

void Answers::Add(const Waiter& waiter, const LookupFailure& failure) {
  if (LookupResults* const results = ResultsFor(waiter)) {
    results->AddError(waiter.tag, failure, waiter.changed);
  }
}

void Answers::Add(const std::vector<Waiter>& waiters,
                  const LookupFailure& failure) {
  for (const Waiter& waiter : waiters) Add(waiter, failure);
}

void Answers::Send() {
  index_.clear();
  for (OfSink& of_sink : sinks_) {
    of_sink.sink->OnResults(std::move(of_sink.results));
  }
  sinks_.clear();
}

}  // namespace portrait
