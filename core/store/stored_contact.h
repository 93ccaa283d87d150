// The results that a PictureStore returns about contacts, except their changes.
#ifndef PORTRAIT_CORE_STORE_STORED_CONTACT_H_
#define PORTRAIT_CORE_STORE_STORED_CONTACT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/store/record_view.h"
#include "portrait/store/v1/store.pb.h"

namespace portrait {

struct StoredContact {
  std::optional<store::v1::ContactRecord> record;
  // The contact objected (Forget with suppress) and must not be looked up.
  bool suppressed = false;
};

// Like StoredContact, as a view of the stored bytes.
struct StoredView {
  absl::Status status;  // concerns this contact only; DATA_LOSS if damaged
  const RecordView* record = nullptr;  // null: no record is stored
  bool suppressed = false;
};

// A tenant looked up a contact, and the answer came from the store.
struct ContactTie {
  std::string jid;  // the record's key
  uint32_t tenant = 0;
  // PictureStore's forget_count() as of when the tenant asked.
  uint64_t forget_count = 0;
  absl::Time asked_at;
};

// The result of PictureStore::Untie.
struct Untied {
  bool was_tied = false;
  uint64_t erased = 0;  // entries, as Forget counts them
};

struct StoredObjection {
  std::string id;  // 32 bytes: the keyed hash of a JID
  // When the contact objected; nothing: before that was noted.
  std::optional<absl::Time> made_at;
};

// Estimated size of a column family on disk and in memory.
struct FamilySize {
  std::string family;
  uint64_t bytes = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_STORED_CONTACT_H_
