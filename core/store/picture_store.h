// PictureStore keeps what is known of contacts and how it changed. It is the
// seam between lookups and a database: RocksDB is the embedded default,
// NewMemoryStore() a complete one for tests and the place to start reading when
// writing another.
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
#include "core/store/record_view.h"
#include "core/store/store_maintenance.h"

namespace portrait {

struct StoredContact {
  std::optional<store::v1::ContactRecord> record;
  // The contact objected (Forget with suppress): it may not be looked up.
  bool suppressed = false;
};

// The same, read where it lies.
struct StoredView {
  absl::Status status;                 // of this contact alone: DATA_LOSS
  const RecordView* record = nullptr;  // null: nothing is stored
  bool suppressed = false;
};

// How much of the disk and of memory a column family takes, about.
struct FamilySize {
  std::string family;
  uint64_t bytes = 0;
};

// Thread-safe. Blocks on disk: never called from a gRPC callback with a batch.
//
// Errors of every method: UNAVAILABLE when the disk is full or the database has
// stopped taking writes (nothing of the call is then stored), DATA_LOSS for a
// record that fails its check.
class PictureStore {
 public:
  virtual ~PictureStore() = default;

  // Hears what is stored of the contact at `index` of those asked for.
  using OnStored =
      absl::FunctionRef<void(size_t index, const StoredView& stored)>;

  // Calls `on_stored` once for each of `jids`, in any order; what it is given
  // is good until it returns. A LID whose phone number is known finds the phone
  // number's record. After an error `on_stored` is called no more.
  virtual absl::Status Read(absl::Span<const absl::string_view> jids,
                            OnStored on_stored) = 0;

  // The same taken apart: one for each of `jids`, in their order. Fails for a
  // record that is damaged.
  absl::StatusOr<std::vector<StoredContact>> Get(
      absl::Span<const std::string> jids);

  // Stores all of them, with the changes they make and the LID mappings they
  // teach, in one atomic write that is durable on return. An observation older
  // than the record's check_time changes nothing and returns the record as it
  // is; so does one of a suppressed contact, without storing it, an unasked one
  // of a contact that is not stored, and one that was asked for before its
  // contact was forgotten. Applying the same one twice makes one change. One
  // result each, in order.
  virtual absl::StatusOr<std::vector<ApplyResult>> Apply(
      absl::Span<const Observation> observations) = 0;

  // Up to `limit` changes with sequences above `after`, in order; 0: from the
  // oldest that is kept. OUT_OF_RANGE when some of them are not kept any more.
  virtual absl::StatusOr<std::vector<Change>> ReadChanges(uint64_t after,
                                                          size_t limit) = 0;
  // Up to `limit` changes of one contact with sequences below `before`, newest
  // first. `before` 0: from the newest.
  virtual absl::StatusOr<std::vector<Change>> ReadHistory(absl::string_view jid,
                                                          uint64_t before,
                                                          size_t limit) = 0;

  // The newest sequence; 0 when there was no change ever.
  virtual uint64_t last_sequence() const = 0;

  // How often Forget was called so far.
  virtual uint64_t forget_count() const = 0;

  // Erases record, history, changes and LID mapping. Returns how many entries
  // went. What was asked for before is not stored after (Observation's
  // forget_count). With `suppress` a keyed hash of the contact's JIDs is kept
  // so that Get and Apply refuse it from then on. Idempotent.
  virtual absl::StatusOr<uint64_t> Forget(absl::string_view jid,
                                          bool suppress) = 0;

  // Called after each Apply that made changes, from its thread, without locks
  // held. Set once, before the store is shared.
  virtual void SetChangeListener(std::function<void()> listener) = 0;

  // For those who watch the disk; nothing where it takes none.
  virtual std::vector<FamilySize> Sizes() const { return {}; }
};

// Everything that portraitd persists.
struct Stores {
  std::unique_ptr<PictureStore> pictures;
  std::unique_ptr<KeyValueStore> sessions;  // session name → SealedSession
  std::unique_ptr<KeyValueStore> access;    // tokens
  std::unique_ptr<StoreMaintenance> maintenance;
};

enum class StoreSync {
  kBatch,  // each Apply reaches the disk before it returns
  kNone,   // survives the process, not the machine
};

struct RocksDbOptions {
  StoreSync sync = StoreSync::kBatch;
  size_t block_cache_bytes = 256 * 1024 * 1024;
  // Records that are asked for often, in front of RocksDB; 0: none.
  size_t record_cache_bytes = 64 * 1024 * 1024;
  // How long unused contacts are kept; see core/store/retention.h.
  absl::Duration retention = absl::InfiniteDuration();
  Clock clock = SystemClock();
};

// Opens or creates the database in `folder`.
//
// Errors: FAILED_PRECONDITION when another process has it open or when it was
// written by a newer version (both say so), DATA_LOSS when it is corrupt,
// PERMISSION_DENIED, UNAVAILABLE (disk full).
absl::StatusOr<Stores> OpenRocksDbStores(const std::string& folder,
                                         RocksDbOptions options);

Stores NewMemoryStores();

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_PICTURE_STORE_H_
