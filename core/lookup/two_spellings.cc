#include "core/lookup/two_spellings.h"

#include "core/base/proto_time.h"

namespace portrait {
namespace {

bool IsRegistered(const StoredView& stored) {
  return stored.record->registration() == v1::REGISTRATION_REGISTERED;
}

// Whether `a` counts before `b`.
bool Counts(const StoredView& a, const StoredView& b) {
  if (!a.status.ok() || a.suppressed) return true;
  if (!b.status.ok() || b.suppressed || a.record == nullptr) return false;
  if (b.record == nullptr) return true;
  if (IsRegistered(a) != IsRegistered(b)) return IsRegistered(a);
  return FromProto(a.record->check_time()) >= FromProto(b.record->check_time());
}

}  // namespace

void TwoSpellings::Add(size_t index, const whatsapp::Jid& other) {
  pair_of_[index] = pairs_.size();
  Pair& pair = pairs_.emplace_back();
  pair.index = index;
  pair.other = other.ToString();
}

void TwoSpellings::AppendKeysTo(std::vector<absl::string_view>* keys) const {
  for (const Pair& pair : pairs_) keys->push_back(pair.other);
}

void TwoSpellings::Hear(size_t key, const StoredView& stored,
                        PictureStore::OnStored on_contact) {
  if (key < contacts_ && (pairs_.empty() || !pair_of_.contains(key))) {
    on_contact(key, stored);
    return;
  }
  Pair& pair = pairs_[key < contacts_ ? pair_of_.at(key) : key - contacts_];
  if (!pair.half_heard) {
    pair.half_heard = true;
    pair.status = stored.status;
    pair.suppressed = stored.suppressed;
    pair.has_record = stored.record != nullptr;
    if (pair.has_record) pair.record = std::string(stored.record->bytes());
    return;
  }
  const absl::StatusOr<RecordView> record = RecordView::Read(pair.record);
  StoredView first;
  first.status = pair.status;
  first.suppressed = pair.suppressed;
  if (pair.has_record && record.ok()) first.record = &*record;
  on_contact(pair.index, Counts(first, stored) ? first : stored);
}

}  // namespace portrait
