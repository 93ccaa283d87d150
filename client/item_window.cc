#include "client/item_window.h"

#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "client/utf8.h"

namespace portrait::client {
namespace {

// Returns why `item` cannot be sent to the server, or "" if it can. Strings in
// proto3 must be UTF-8; any other string would break the whole stream.
std::string Unsendable(const v1::EnrichItem& item) {
  if (absl::StripAsciiWhitespace(item.contact()).empty()) {
    return "the contact is empty: expected a phone number or JID";
  }
  if (item.contact().size() > kMaxContactBytes) {
    return absl::StrCat("the contact is longer than ", kMaxContactBytes,
                        " bytes");
  }
  if (!IsValidUtf8(item.contact()) || !IsValidUtf8(item.existing_id()) ||
      !IsValidUtf8(item.country())) {
    return "the contact, existing_id or country is not valid UTF-8";
  }
  return "";
}

v1::EnrichResult InvalidContact(std::string message) {
  v1::EnrichResult result;
  result.mutable_error()->set_reason(v1::ERROR_REASON_INVALID_CONTACT);
  result.mutable_error()->set_message(std::move(message));
  return result;
}

}  // namespace

ItemWindow::ItemWindow(ItemWindowOptions options, std::function<void()> changed)
    : options_(options), changed_(std::move(changed)) {}

bool ItemWindow::HasRoomLocked() const {
  return closed_ || (unsent_.size() + sent_ < options_.max_unanswered &&
                     slots_.size() < options_.max_held);
}

bool ItemWindow::Add(v1::EnrichItem item) {
  std::string unsendable = Unsendable(item);
  {
    absl::MutexLock lock(&mu_);
    mu_.Await(absl::Condition(this, &ItemWindow::HasRoomLocked));
    if (closed_) return false;
    const uint64_t tag = next_tag_++;
    Slot& slot = slots_[tag];
    slot.item = std::move(item);
    if (unsendable.empty()) {
      if (unsent_.empty()) unsent_since_ = absl::Now();
      unsent_.push_back(tag);
    } else {
      slot.state = State::kSettled;
      slot.result = InvalidContact(std::move(unsendable));
      ++refused_;
      if (!options_.ordered) settled_.push_back(tag);
    }
  }
  changed_();
  return true;
}

void ItemWindow::EndInput(absl::Status status) {
  {
    absl::MutexLock lock(&mu_);
    if (!input_.has_value()) input_ = std::move(status);
  }
  changed_();
}

void ItemWindow::Close() {
  absl::MutexLock lock(&mu_);
  closed_ = true;
}

void ItemWindow::FillRequest(size_t max_items,
                             v1::EnrichProfilePicturesRequest* request) {
  absl::MutexLock lock(&mu_);
  for (size_t i = 0; i < max_items && !unsent_.empty(); ++i) {
    const uint64_t tag = unsent_.front();
    unsent_.pop_front();
    Slot& slot = slots_.at(tag);
    slot.state = State::kSent;
    ++sent_;
    v1::EnrichItem* item = request->add_items();
    *item = slot.item;
    item->set_tag(tag);
  }
}

bool ItemWindow::Settle(v1::EnrichResult result) {
  absl::MutexLock lock(&mu_);
  const auto found = slots_.find(result.tag());
  if (found == slots_.end() || found->second.state != State::kSent) {
    return false;
  }
  --sent_;
  Slot& slot = found->second;
  slot.state = State::kSettled;
  slot.result = std::move(result);
  if (!options_.ordered) settled_.push_back(found->first);
  return true;
}

std::vector<v1::EnrichResult> ItemWindow::TakeSettled() {
  std::vector<v1::EnrichResult> taken;
  const auto take = [&taken](Slot& slot) {
    slot.result.set_tag(slot.item.tag());
    taken.push_back(std::move(slot.result));
  };
  absl::MutexLock lock(&mu_);
  if (options_.ordered) {
    auto slot = slots_.begin();
    for (; slot != slots_.end() && slot->second.state == State::kSettled;
         ++slot) {
      take(slot->second);
    }
    slots_.erase(slots_.begin(), slot);
    return taken;
  }
  for (const uint64_t tag : settled_) {
    const auto slot = slots_.find(tag);
    take(slot->second);
    slots_.erase(slot);
  }
  settled_.clear();
  return taken;
}

size_t ItemWindow::Rewind() {
  absl::MutexLock lock(&mu_);
  const size_t again = sent_;
  unsent_.clear();
  sent_ = 0;
  for (auto& [tag, slot] : slots_) {
    if (slot.state == State::kSettled) continue;
    slot.state = State::kUnsent;
    unsent_.push_back(tag);
  }
  if (again > 0) unsent_since_ = absl::Now();
  return again;
}

ItemWindow::Stats ItemWindow::stats() const {
  absl::MutexLock lock(&mu_);
  return {.added = next_tag_ - 1,
          .refused = refused_,
          .unsent = unsent_.size(),
          .sent = sent_,
          .unsent_since = unsent_since_,
          .input = input_,
          .empty = slots_.empty()};
}

}  // namespace portrait::client
