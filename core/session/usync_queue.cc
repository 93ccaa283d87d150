#include "core/session/usync_queue.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/session/address_choice.h"
#include "core/session/query_plan.h"

namespace portrait {
namespace {

size_t UsersFor(const ContactTask& task) {
  return AsksBothAddresses(task) ? 2 : 1;
}

// Whether, given the stored record, a picture query is likely to follow.
bool NeedsPicture(const ContactTask& task) {
  if (IsStateKnown(task) ||
      task.stored_registration == v1::REGISTRATION_NOT_REGISTERED) {
    return false;
  }
  return task.full_url == UrlNeed::kAlways ||
         task.preview_url == UrlNeed::kAlways;
}

bool HasUrgent(const std::vector<ContactTask>& tasks) {
  return CountBulk(tasks) < tasks.size();
}

}  // namespace

UsyncQueue::UsyncQueue(size_t max_contacts, Clock steady)
    : max_contacts_(std::max<size_t>(max_contacts, 1)),
      steady_(std::move(steady)) {}

void UsyncQueue::Add(ContactTask task) {
  Batch& batch =
      gathering_[task.contact.kind == ContactKind::kPhoneNumber ? 0 : 1];
  if (batch.tasks.empty()) batch.since = steady_();
  if (task.urgent) ++batch.urgent;
  if (NeedsPicture(task)) ++batch.need_picture;
  batch.tasks.push_back(std::move(task));
}

void UsyncQueue::AddRefused(std::vector<ContactTask> tasks) {
  const auto middle =
      tasks.begin() + static_cast<std::ptrdiff_t>(tasks.size() / 2);
  halves_.emplace_back(std::make_move_iterator(tasks.begin()),
                       std::make_move_iterator(middle));
  halves_.emplace_back(std::make_move_iterator(middle),
                       std::make_move_iterator(tasks.end()));
}

bool UsyncQueue::empty() const {
  return halves_.empty() && gathering_[0].tasks.empty() &&
         gathering_[1].tasks.empty();
}

bool UsyncQueue::has_urgent() const {
  return gathering_[0].urgent + gathering_[1].urgent > 0 ||
         std::any_of(halves_.begin(), halves_.end(), HasUrgent);
}

size_t UsyncQueue::BatchSize() const {
  return std::min(max_contacts_, kContactsPerToken);
}

size_t UsyncQueue::Room(double picture_share) const {
  const Batch& batch = gathering_[0].tasks.size() < gathering_[1].tasks.size()
                           ? gathering_[1]
                           : gathering_[0];
  const size_t size = batch.tasks.size();
  if (size < BatchSize()) return BatchSize() - size;
  const bool grows = static_cast<double>(batch.need_picture) <=
                     picture_share * static_cast<double>(size);
  return grows && size < max_contacts_ ? max_contacts_ - size : 0;
}

absl::Duration UsyncQueue::UntilDue(const Batch& batch, bool is_quiet) const {
  if (batch.tasks.empty()) return absl::InfiniteDuration();
  if (batch.tasks.size() >= BatchSize() ||
      (batch.tasks.size() == 1 && is_quiet)) {
    return absl::ZeroDuration();
  }
  return GatherTime(batch.urgent > 0) - (steady_() - batch.since);
}

absl::Duration UsyncQueue::UntilDue(bool is_quiet) const {
  if (!halves_.empty()) return absl::ZeroDuration();
  return std::min(UntilDue(gathering_[0], is_quiet),
                  UntilDue(gathering_[1], is_quiet));
}

std::vector<ContactTask> UsyncQueue::Next(bool urgent_only, bool is_quiet) {
  for (auto half = halves_.begin(); half != halves_.end(); ++half) {
    if (urgent_only && !HasUrgent(*half)) continue;
    std::vector<ContactTask> tasks = std::move(*half);
    halves_.erase(half);
    return tasks;
  }
  for (Batch& batch : gathering_) {
    if (urgent_only && batch.urgent == 0) continue;
    if (UntilDue(batch, is_quiet) <= absl::ZeroDuration()) {
      return TakeFrom(batch);
    }
  }
  return {};
}

// A contact with two addresses counts twice, so that a batch can be too large
// for one query.
std::vector<ContactTask> UsyncQueue::TakeFrom(Batch& batch) {
  std::vector<ContactTask> all = std::move(batch.tasks);
  batch = Batch{{}, batch.since};
  size_t users = 0;
  auto end = all.begin();
  while (end != all.end() &&
         (end == all.begin() || users + UsersFor(*end) <= max_contacts_)) {
    users += UsersFor(*end);
    ++end;
  }
  const absl::Time since = batch.since;
  for (auto rest = end; rest != all.end(); ++rest) Add(std::move(*rest));
  batch.since = since;
  all.erase(end, all.end());
  return all;
}

std::vector<ContactTask> UsyncQueue::TakeAll() {
  std::vector<ContactTask> all;
  const auto append = [&all](std::vector<ContactTask>& from) {
    std::move(from.begin(), from.end(), std::back_inserter(all));
  };
  for (Batch& batch : gathering_) {
    append(batch.tasks);
    batch = Batch{};
  }
  for (std::vector<ContactTask>& half : halves_) append(half);
  halves_.clear();
  return all;
}

double UsyncQueue::TokensFor(const std::vector<ContactTask>& tasks) {
  size_t users = 0;
  for (const ContactTask& task : tasks) users += UsersFor(task);
  return std::max(
      static_cast<double>(users) / static_cast<double>(kContactsPerToken), 1.0);
}

}  // namespace portrait
