#include "core/store/used_contacts.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace portrait {

UsedContacts::UsedContacts(Write write)
    : write_(std::move(write)), thread_([this] { Run(); }) {}

UsedContacts::~UsedContacts() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
  }
  thread_.join();
}

void UsedContacts::Add(std::vector<std::string> jids) {
  if (jids.empty()) return;
  absl::MutexLock lock(&mu_);
  const auto has_room = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return waiting_.size() < kMaxWaiting;
  };
  mu_.Await(absl::Condition(&has_room));
  waiting_.insert(std::make_move_iterator(jids.begin()),
                  std::make_move_iterator(jids.end()));
}

void UsedContacts::Flush() {
  absl::MutexLock lock(&mu_);
  const auto is_done = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return waiting_.empty() && !writing_;
  };
  mu_.Await(absl::Condition(&is_done));
}

void UsedContacts::Run() {
  std::vector<std::string> batch;
  for (;;) {
    {
      absl::MutexLock lock(&mu_);
      writing_ = false;
      const auto has_work = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
        return stopping_ || !waiting_.empty();
      };
      mu_.Await(absl::Condition(&has_work));
      if (waiting_.empty()) return;
      writing_ = true;
      batch.clear();
      const size_t size = std::min(waiting_.size(), kBatch);
      auto end = waiting_.begin();
      for (size_t i = 0; i < size; ++i) batch.push_back(*end++);
      waiting_.erase(waiting_.begin(), end);
    }
    write_(batch);
  }
}

}  // namespace portrait
