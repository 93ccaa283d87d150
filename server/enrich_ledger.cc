#include "server/enrich_ledger.h"

#include <algorithm>
#include <utility>

namespace portrait {

bool EnrichLedger::Read(std::vector<LookupItem> items) {
  reading_ = false;
  if (shutting_down_) return false;
  waiting_ = std::move(items);  // MayRead is false while items wait
  return true;
}

void EnrichLedger::HalfClose() {
  reading_ = false;
  half_closed_ = true;
}

std::vector<LookupItem> EnrichLedger::TakeWaiting() {
  asked_ += waiting_.size();
  return std::exchange(waiting_, {});
}

void EnrichLedger::PutBack(std::vector<LookupItem> items) {
  asked_ -= std::min(asked_, items.size());
  if (shutting_down_) {
    abandoned_ += items.size();
    return;
  }
  waiting_ = std::move(items);
}

void EnrichLedger::Answered(size_t results, size_t abandoned) {
  asked_ -= std::min(asked_, results + abandoned);
  queued_ += results;
  abandoned_ += abandoned;
}

void EnrichLedger::Leave(size_t results) {
  queued_ -= std::min(queued_, results);
  leaving_ = results;
}

void EnrichLedger::Shutdown() {
  shutting_down_ = true;
  abandoned_ += waiting_.size();
  waiting_.clear();
}

bool EnrichLedger::MayRead() const {
  return !reading_ && !half_closed_ && !shutting_down_ && waiting_.empty() &&
         asked_ + queued_ + leaving_ < window_;
}

EnrichLedger::End EnrichLedger::end() const {
  if (owed() > 0) return End::kNotYet;
  if (half_closed_ && abandoned_ == 0) return End::kDone;
  if (shutting_down_ || abandoned_ > 0) return End::kShutdown;
  return End::kNotYet;
}

}  // namespace portrait
