// PictureStore keeps the known state of contacts and its changes. It is the
// interface between lookups and a database: RocksDB is the embedded default.
// NewMemoryStore() is a complete store for tests, and an example for another
// implementation.
#ifndef PORTRAIT_CORE_STORE_PICTURE_STORE_H_
#define PORTRAIT_CORE_STORE_PICTURE_STORE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/base/clock.h"
#include "core/store/key_value_store.h"
#include "core/store/observation.h"
#include "core/store/store_maintenance.h"
#include "core/store/store_options.h"
#include "core/store/stored_contact.h"

namespace portrait {

// Thread-safe. Methods block on disk, so never call them from a gRPC callback
// with a batch.
//
// Errors of every method: UNAVAILABLE if the disk is full or the database has
// stopped taking writes (nothing of the call is then stored), DATA_LOSS for a
// record with a wrong checksum.
class PictureStore {
 public:
  virtual ~PictureStore() = default;

  // Receives the stored data of the contact at `index` in `jids`.
  using OnStored =
      absl::FunctionRef<void(size_t index, const StoredView& stored)>;

  // Calls `on_stored` once for each of `jids`, in any order; the view is valid
  // until `on_stored` returns. A LID with a known phone number finds the phone
  // number's record. After an error `on_stored` is not called again.
  virtual absl::Status Read(absl::Span<const absl::string_view> jids,
                            OnStored on_stored) = 0;
  // The same, but the read does not count as a use of the contacts and does not
  // extend their retention.
  virtual absl::Status Peek(absl::Span<const absl::string_view> jids,
                            OnStored on_stored) {
    return Read(jids, on_stored);
  }

  // Like Read, with parsed messages: one for each of `jids`, in their order.
  // Fails if a record is damaged.
  absl::StatusOr<std::vector<StoredContact>> Get(
      absl::Span<const std::string> jids);

  // Stores all observations, with the changes they make and the LID mappings
  // they contain, in one atomic write that is durable on return. One result
  // each, in order. Applying the same observation twice makes one change. An
  // observation changes nothing and returns the stored record if it is older
  // than the record's check_time, if the contact is suppressed, if it is
  // unasked and the contact is not stored, or if it was requested before its
  // contact was forgotten.
  virtual absl::StatusOr<std::vector<ApplyResult>> Apply(
      absl::Span<const Observation> observations) = 0;

  // Returns up to `limit` changes with sequences above `after`, in order; 0:
  // from the oldest kept one. OUT_OF_RANGE if some are no longer kept.
  virtual absl::StatusOr<std::vector<Change>> ReadChanges(uint64_t after,
                                                          size_t limit) = 0;
  // Returns up to `limit` changes of one contact with sequences below `before`,
  // newest first; 0: from the newest.
  virtual absl::StatusOr<std::vector<Change>> ReadHistory(absl::string_view jid,
                                                          uint64_t before,
                                                          size_t limit) = 0;

  // The newest sequence; 0 if no change was ever stored.
  virtual uint64_t last_sequence() const = 0;

  // The number of Forget calls so far.
  virtual uint64_t forget_count() const = 0;

  // Erases a contact's record, history, changes and LID mapping, and returns
  // the number of erased entries. An observation requested before is not stored
  // afterwards (Observation::forget_count). With `suppress`, a keyed hash of
  // the contact's JIDs is kept, so that Get and Apply refuse the contact from
  // then on. Idempotent.
  virtual absl::StatusOr<uint64_t> Forget(absl::string_view jid,
                                          bool suppress) = 0;

  // The listener is called after each Apply that made changes, on its thread
  // and without locks held. Set it once, before the store is shared.
  virtual void SetChangeListener(std::function<void()> listener) = 0;

  // Ties stored contacts to tenants. A tie to a contact that is not stored, or
  // that the tenant has forgotten since it asked, is dropped. A tie that a
  // power cut takes is made again by the tenant's next lookup.
  virtual absl::Status Tie(absl::Span<const ContactTie> ties) = 0;

  // A tenant forgets a contact: the tenant's tie is removed. When the last tie
  // is removed, everything that Forget erases is erased. Answers that the
  // tenant has asked for before do not tie it again. A record without any tie
  // was stored before there were ties: only `erase_untied` erases it.
  // Idempotent.
  virtual absl::StatusOr<Untied> Untie(absl::string_view jid, uint32_t tenant,
                                       bool erase_untied) = 0;

  // Up to `limit` objections with ids above `after`, in the order of their ids.
  virtual absl::StatusOr<std::vector<StoredObjection>> ListObjections(
      absl::string_view after, size_t limit) = 0;
  // The id of the objection of the contact with this JID, if there is one.
  virtual std::string ObjectionIdOf(absl::string_view jid) const = 0;
  // Removes an objection and those of the same contact's other JIDs, so that it
  // can be looked up again. Returns how many were removed.
  virtual absl::StatusOr<uint64_t> RemoveObjection(absl::string_view id) = 0;

  // Sizes for monitoring; empty if the store uses no disk.
  virtual std::vector<FamilySize> Sizes() const { return {}; }
};

// Everything that portraitd persists.
struct Stores {
  std::unique_ptr<PictureStore> pictures;
  std::unique_ptr<KeyValueStore> sessions;  // session name → SealedSession
  std::unique_ptr<KeyValueStore> access;    // tokens
  std::unique_ptr<OrderedKeyValueStore> images;  // see core/image
  std::unique_ptr<StoreMaintenance> maintenance;
};

// Opens or creates the database in `folder`.
//
// Errors: FAILED_PRECONDITION if another process has it open or a newer version
// wrote it (the message says which), DATA_LOSS if it is corrupt,
// PERMISSION_DENIED, UNAVAILABLE (disk full).
absl::StatusOr<Stores> OpenRocksDbStores(const std::string& folder,
                                         RocksDbOptions options);

Stores NewMemoryStores();

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_PICTURE_STORE_H_
