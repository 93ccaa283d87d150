#include "core/store/contact_reads.h"

#include "core/base/proto_time.h"
#include "core/contact/precedence.h"

namespace portrait {
namespace {

AddressFacts FactsOf(const StoredView& stored, absl::Time now) {
  if (!stored.status.ok() || stored.suppressed) {
    return {AddressState::kDecisive};
  }
  if (stored.record == nullptr) return {};
  return {stored.record->registration() == v1::REGISTRATION_REGISTERED
              ? AddressState::kRegistered
              : AddressState::kNotRegistered,
          CheckedAt(FromProto(stored.record->check_time()), now)};
}

}  // namespace

ContactReads::ContactReads(absl::Span<const Contact* const> contacts,
                           absl::Time now)
    : contacts_(contacts.size()), now_(now) {
  keys_.reserve(contacts.size());
  for (const Contact* contact : contacts) {
    keys_.push_back(contact->jid.ToString());
  }
  for (size_t i = 0; i < contacts_; ++i) {
    if (!contacts[i]->HasTwoAddresses()) continue;
    pair_of_[i] = pairs_.size();
    pairs_.emplace_back().index = i;
    keys_.push_back(contacts[i]->other_jid.ToString());
  }
}

std::vector<absl::string_view> ContactReads::Keys() const {
  return {keys_.begin(), keys_.end()};
}

void ContactReads::OnStored(size_t key, const StoredView& stored,
                            PictureStore::OnStored on_contact) {
  const bool is_first = key < contacts_;
  if (is_first && (pairs_.empty() || !pair_of_.contains(key))) {
    on_contact(key, stored);
    return;
  }
  Pair& pair = pairs_[is_first ? pair_of_.at(key) : key - contacts_];
  if (!pair.half_known) {
    pair.half_known = true;
    pair.status = stored.status;
    pair.suppressed = stored.suppressed;
    pair.has_record = stored.record != nullptr;
    if (pair.has_record) pair.record = std::string(stored.record->bytes());
    return;
  }
  const absl::StatusOr<RecordView> record = RecordView::Read(pair.record);
  StoredView half;
  half.status = pair.status;
  half.suppressed = pair.suppressed;
  if (pair.has_record && record.ok()) half.record = &*record;
  const StoredView& first = is_first ? stored : half;
  const StoredView& other = is_first ? half : stored;
  on_contact(
      pair.index,
      CountsBefore(FactsOf(first, now_), FactsOf(other, now_)) ? first : other);
}

absl::Status ReadContacts(PictureStore& store,
                          absl::Span<const Contact* const> contacts,
                          absl::Time now, PictureStore::OnStored on_contact) {
  ContactReads reads(contacts, now);
  return store.Read(reads.Keys(), [&](size_t key, const StoredView& stored) {
    reads.OnStored(key, stored, on_contact);
  });
}

}  // namespace portrait
