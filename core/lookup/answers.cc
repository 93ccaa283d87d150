#include "core/lookup/answers.h"

#include "core/lookup/render.h"

namespace portrait {

Wanted WantedBy(const LookupRequest& request, std::string existing_id) {
  return {.size = request.size,
          .max_age = request.max_age,
          .existing_id = std::move(existing_id),
          .session = request.session};
}

LookupResult* Answers::AddTo(const Waiter& waiter) {
  std::shared_ptr<ResultSink> sink = waiter.call->sink.lock();
  if (sink == nullptr) return nullptr;
  const auto [found, is_new] = index_.try_emplace(sink.get(), sinks_.size());
  if (is_new) sinks_.push_back({std::move(sink), {}});
  LookupResult& result = sinks_[found->second].results.emplace_back();
  result.result.set_tag(waiter.tag);
  result.changed = waiter.changed;
  return &result;
}

void Answers::Add(const Waiter& waiter, v1::ProfilePicture picture) {
  if (LookupResult* const result = AddTo(waiter)) {
    *result->result.mutable_profile_picture() = std::move(picture);
  }
}

void Answers::Add(const Waiter& waiter, const LookupFailure& failure) {
  if (LookupResult* const result = AddTo(waiter)) {
    *result->result.mutable_error() = RenderError(failure);
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
