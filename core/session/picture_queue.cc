#include "core/session/picture_queue.h"

#include <algorithm>
#include <utility>

namespace portrait {

void PictureQueue::Add(PlannedContact contact, bool is_half_done) {
  auto share = std::find_if(shares_.begin(), shares_.end(), [&](const auto& s) {
    return s.tenant == contact.task.tenant;
  });
  if (share == shares_.end()) {
    share = shares_.insert(shares_.end(), Share{contact.task.tenant, {}, {}});
  }
  if (!contact.task.urgent) ++bulk_;
  if (is_half_done) {
    share->first.push_front(std::move(contact));
  } else if (contact.task.urgent) {
    share->first.push_back(std::move(contact));
  } else {
    share->rest.push_back(std::move(contact));
  }
}

PlannedContact PictureQueue::Take() {
  Share& share = shares_.front();
  std::deque<PlannedContact>& queue =
      share.first.empty() ? share.rest : share.first;
  PlannedContact contact = std::move(queue.front());
  queue.pop_front();
  if (!contact.task.urgent) --bulk_;
  if (share.first.empty() && share.rest.empty()) {
    shares_.pop_front();
  } else {
    shares_.splice(shares_.end(), shares_, shares_.begin());
  }
  return contact;
}

std::deque<PlannedContact> PictureQueue::TakeAll() {
  std::deque<PlannedContact> all;
  while (!empty()) all.push_back(Take());
  return all;
}

}  // namespace portrait
