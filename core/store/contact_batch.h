// Computes the effects of a batch of observations on a store's contacts, in
// memory, between reads and writes. Every implementation of a store uses it:
//
//     ASSIGN_OR_RETURN(BatchEffects effects, MergeBatch(source, …));
//     … write `effects`, all or nothing …
#ifndef PORTRAIT_CORE_STORE_CONTACT_BATCH_H_
#define PORTRAIT_CORE_STORE_CONTACT_BATCH_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/store/forgotten_contacts.h"
#include "core/store/observation.h"

namespace portrait {

// The data of a store that a batch reads. Nothing may be written to the store
// between the first read and the writing of the effects.
class ContactSource {
 public:
  virtual ~ContactSource() = default;

  // Each method returns one element for each of `jids`, in their order.
  virtual absl::StatusOr<std::vector<std::optional<store::v1::ContactRecord>>>
  ReadRecords(absl::Span<const absl::string_view> jids) = 0;
  // The other JID of the same person: the LID of a PN and the PN of a LID;
  // empty if unknown.
  virtual absl::StatusOr<std::vector<std::string>> ReadCounterparts(
      absl::Span<const absl::string_view> jids) = 0;
  // Whether each contact has objected.
  virtual absl::StatusOr<std::vector<bool>> ReadSuppressed(
      absl::Span<const absl::string_view> jids) = 0;

  // See ForgottenContacts::ForgottenAt.
  virtual ForgottenTime ForgottenAt(absl::string_view jid,
                                    uint32_t tenant) const = 0;

  // If false, no contact has objected, and ReadSuppressed need not be called.
  virtual bool has_suppressed() const = 0;
};

// A JID of a contact that objected under its other JID.
struct ObjectedJid {
  std::string jid;
  std::string other;
};

// The effects are written in this order: puts, erasures, mappings, moved
// histories, changes.
struct BatchEffects {
  std::vector<ApplyResult> results;  // one for each observation, in their order

  // Records to write under their jid; a later record of the same jid replaces
  // an earlier one. Points into `results` and `displaced`.
  std::vector<const store::v1::ContactRecord*> puts;
  // Records whose LID now belongs to another contact.
  std::deque<store::v1::ContactRecord> displaced;
  absl::flat_hash_set<std::string> erased;  // keys of records

  // The new counterpart of each JID; empty: the mapping is removed.
  absl::btree_map<std::string, std::string> counterparts;
  // From a LID to its phone number's JID, which takes over the LID's history.
  absl::flat_hash_map<std::string, std::string> moved_histories;
  std::vector<ObjectedJid> objected;  // the store must forget with suppress

  uint64_t last_sequence = 0;

  void Object(absl::string_view jid, absl::string_view other) {
    objected.push_back({std::string(jid), std::string(other)});
  }
  // The JID whose history gets a change of `jid`.
  const std::string& HistoryOwner(const std::string& jid) const;
};

// Merges `observations` into the contacts of `source`. `last_sequence` is the
// sequence of the newest stored change. Stored times later than `now` are
// ignored.
//
// Errors: those of `source`, INVALID_ARGUMENT for a JID that cannot be a key.
absl::StatusOr<BatchEffects> MergeBatch(
    ContactSource& source, absl::Span<const Observation> observations,
    uint64_t last_sequence, absl::Time now);

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_CONTACT_BATCH_H_
