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

// Calls `on_contact` once for each of `contacts`, with its index and in any
// order, and passes the record that takes precedence by
// core/contact/precedence.h. A check time after `now` does not make a record
// newer. Blocks. Errors are those of PictureStore::Read; after an error
// `on_contact` is not called again.
absl::Status ReadContacts(PictureStore& store,
                          absl::Span<const Contact* const> contacts,
                          absl::Time now, PictureStore::OnStored on_contact);

// The pure part of ReadContacts: joins the records that are stored under
// several keys of one contact. Thread-compatible.
class ContactReads {
 public:
  ContactReads(absl::Span<const Contact* const> contacts, absl::Time now);

  // The keys to read: the first key of each contact, then the second key of
  // each contact that has two. The keys point into this object.
  std::vector<absl::string_view> Keys() const;

  // Takes the stored record of the key at index `key`; calls `on_contact` once
  // all keys of the contact have been read.
  void OnStored(size_t key, const StoredView& stored,
                PictureStore::OnStored on_contact);

 private:
  // The record of a contact's first address that was read. A copy, because the
  // view is valid only during the call that passes it.
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
  absl::flat_hash_map<size_t, size_t> pair_of_;  // by the contact's index
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_CONTACT_READS_H_
