// What a batch of observations does to a store's contacts, decided in memory
// between reading and writing. Every store applies by these rules, whatever it
// keeps its contacts in:
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
#include "core/store/observation.h"

namespace portrait {

// What a batch reads of a store. Nothing may be written to the store between
// the first read and the writing of the effects.
class ContactSource {
 public:
  virtual ~ContactSource() = default;

  // Each answers one for each of `jids`, in their order.
  virtual absl::StatusOr<std::vector<std::optional<store::v1::ContactRecord>>>
  ReadRecords(absl::Span<const absl::string_view> jids) = 0;
  // The other JID of the same person, LID for PN and PN for LID; empty: not
  // known.
  virtual absl::StatusOr<std::vector<std::string>> ReadCounterparts(
      absl::Span<const absl::string_view> jids) = 0;
  // Whether the contact objected.
  virtual absl::StatusOr<std::vector<bool>> ReadSuppressed(
      absl::Span<const absl::string_view> jids) = 0;

  // As ForgottenContacts says.
  virtual uint64_t ForgottenAt(absl::string_view jid) const = 0;

  // False: no contact has objected, so ReadSuppressed need not be called.
  virtual bool has_suppressed() const = 0;
};

// Written in this order: puts, erasures, mappings, moved histories, changes.
struct BatchEffects {
  std::vector<ApplyResult> results;  // one for each observation, in order

  // Under their jid; a later one replaces an earlier of the same jid. They
  // point into `results` and `displaced`.
  std::vector<const store::v1::ContactRecord*> puts;
  std::deque<store::v1::ContactRecord> displaced;  // lost their LID to another
  absl::flat_hash_set<std::string> erased;         // keys of records

  // New counterpart of each JID; empty: none any more.
  absl::btree_map<std::string, std::string> counterparts;
  // LIDs found to be of a phone number: their history becomes that of the PN.
  absl::flat_hash_map<std::string, std::string> moved_histories;
  // JIDs found to be of contacts that objected under their other JID; to be
  // forgotten with suppress.
  std::vector<std::string> objected;

  uint64_t last_sequence = 0;

  // Under which JID the history has a change of `jid`.
  const std::string& HistoryOwner(const std::string& jid) const;
};

// `last_sequence` is that of the newest change stored; stored times of after
// `now` count for nothing.
//
// Errors: those of `source`, INVALID_ARGUMENT for a JID that can be no key.
absl::StatusOr<BatchEffects> MergeBatch(
    ContactSource& source, absl::Span<const Observation> observations,
    uint64_t last_sequence, absl::Time now);

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_CONTACT_BATCH_H_
