// Reads contacts from the store, each under all of its addresses.
#ifndef PORTRAIT_CORE_STORE_CONTACT_READS_H_
#define PORTRAIT_CORE_STORE_CONTACT_READS_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "core/contact/contact.h"
#include "core/store/picture_store.h"

namespace portrait {

// Calls `on_contact` once for each of `contacts`, by its index and in any
// order, with the record that counts by core/contact/precedence.h. A check
// after `now` makes no record newer. Blocks; errors are those of
// PictureStore::Read, after which no further contact is heard of.
absl::Status ReadContacts(PictureStore& store,
                          absl::Span<const Contact* const> contacts,
                          absl::Time now, PictureStore::OnStored on_contact);

// The pure part of ReadContacts: joins what is stored under several keys of one
// contact. Thread-compatible.
class ContactReads {
 public:
  ContactReads(absl::Span<const Contact* const> contacts, absl::Time now);

  // To be read: one for each contact, then those of second addresses. They
  // point into this object.
  std::vector<absl::string_view> Keys() const;

  // Takes what is stored under the key at that index; calls `on_contact` as
  // soon as everything stored of a contact is known.
  void OnStored(size_t key, const StoredView& stored,
                PictureStore::OnStored on_contact);

 private:
  // The first part that came of a contact with two addresses. A view lasts no
  // longer than the call that passes it, so this holds a copy.
  struct Pair {
    size_t index = 0;
    bool half_known = false;
    absl::Status status;
    bool has_record = false;
    bool suppressed = false;
    std::string record;
  };

  const size_t contacts_;
  const absl::Time now_;
  std::vector<std::string> keys_;
  std::vector<Pair> pairs_;
  absl::flat_hash_map<size_t, size_t> pair_of_;  // by index of the contact
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_CONTACT_READS_H_
