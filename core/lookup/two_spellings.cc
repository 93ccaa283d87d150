#include "core/lookup/two_spellings.h"

#include "core/base/proto_time.h"
#include "core/contact/precedence.h"

namespace portrait {
namespace {

AddressFacts FactsOf(const StoredView& stored, absl::Time now) {
  if (stored.record == nullptr) return {};
  return {true, stored.record->registration() == v1::REGISTRATION_REGISTERED,
          CheckedAt(FromProto(stored.record->check_time()), now)};
}

// Whether `a` counts before `b`: an error or an objection before all.
bool Counts(const StoredView& a, const StoredView& b, absl::Time now) {
  if (!a.status.ok() || a.suppressed) return true;
  if (!b.status.ok() || b.suppressed) return false;
  return CountsBefore(FactsOf(a, now), FactsOf(b, now));
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
  on_contact(pair.index, Counts(first, stored, now_) ? first : stored);
}

}  // namespace portrait
