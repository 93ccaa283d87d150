// A copy of a store that follows a log: all that is written to it comes from
// the log's messages, together with the position up to which they were applied.
// Two copies that applied the same messages have the same contacts and changes.
#ifndef PORTRAIT_CORE_STORE_REPLICA_H_
#define PORTRAIT_CORE_STORE_REPLICA_H_

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
#include "core/store/contact_batch.h"
#include "core/store/observation.h"
#include "core/store/picture_store.h"

namespace portrait {

// One message of the log.
struct LogEntry {
  enum class Kind {
    kRecord,     // id: a JID
    kLid,        // id: a LID
    kObjection,  // id: the keyed hash of a JID
    kSession,    // id: the name of a linked account
    kAccess,     // id: a key of Stores::access
  };
  Kind kind = Kind::kRecord;
  std::string id;
  // The entry of `id` goes. Erasing a record erases its history and changes.
  bool is_erased = false;

  store::v1::ContactRecord record = {};  // kRecord
  std::optional<Change> change = {};     // kRecord; with its sequence
  std::string phone_jid = {};            // kLid
  bool moves_history = false;            // kLid
  store::v1::Objection objection = {};   // kObjection
  std::string value = {};                // kSession, kAccess
};

struct LoggedWrite {
  LogEntry entry;
  // The position's name, and its value once this message is applied.
  std::string position_name;
  std::string position;
  // Only the position and the repair are written.
  bool is_ignored = false;
  // Whether the owner of the partition has to write the message's key again:
  // from now on, no longer, or as before.
  enum class Repair { kUnchanged, kNeeded, kDone };
  Repair repair = Repair::kUnchanged;
  std::string key;  // unless the repair is unchanged

  // The newest sequence that its writer knew; 0: the message does not count.
  uint64_t last_sequence = 0;

  // Set by Replica::Write: the change's sequence, or the number of entries that
  // were erased.
  uint64_t sequence = 0;
  uint64_t erased = 0;
};

// Thread-safe.
class Replica {
 public:
  virtual ~Replica() = default;

  // Applies the messages in their order. A power cut may take the last ones,
  // but then the position is that before them.
  //
  // Errors: those of PictureStore. Some of the first messages may then have
  // been applied, with their position.
  virtual absl::Status Write(absl::Span<LoggedWrite> writes) = 0;

  // The position of this name; nothing: none was written.
  virtual absl::StatusOr<std::optional<std::string>> ReadPosition(
      const std::string& name) = 0;
  virtual absl::Status WritePosition(const std::string& name,
                                     const std::string& position) = 0;
  // The keys that have to be written again in the partition of this name.
  virtual absl::StatusOr<std::vector<std::string>> ReadRepairs(
      const std::string& name) = 0;

  // What is stored under the entry's kind and id, as the entry that writes it;
  // erased if nothing is.
  virtual absl::StatusOr<LogEntry> ReadEntry(LogEntry::Kind kind,
                                             absl::string_view id) = 0;

  // A checksum of all contacts, LIDs, changes, sessions and access values whose
  // keys `is_included` accepts. A copy that was filled from a compacted log
  // lacks earlier changes.
  virtual absl::StatusOr<uint64_t> Checksum(
      absl::FunctionRef<bool(absl::string_view key)> is_included) = 0;

  // For merging observations; ForgottenAt knows of no contact.
  virtual ContactSource& contacts() = 0;
  // Reads only. Nothing else may write to it.
  virtual PictureStore& pictures() = 0;
  // The day of last use that a new record without a check has.
  virtual int32_t Today() const = 0;
};

// A replica and what a node stores beside it, in the same database. `sessions`
// and `access` have what the replica wrote; nothing else may write to them.
struct ReplicaStores {
  std::unique_ptr<Replica> replica;
  std::unique_ptr<KeyValueStore> sessions;
  std::unique_ptr<KeyValueStore> access;
  std::unique_ptr<OrderedKeyValueStore> images;
  std::unique_ptr<StoreMaintenance> maintenance;
};

// Opens or creates the copy in `folder`; objections are hashed with
// `suppression_key` (32 bytes), the same for all copies.
//
// Errors: those of OpenRocksDbStores; FAILED_PRECONDITION if the store followed
// a log with another suppression key, or was written by a server without a log;
// INVALID_ARGUMENT if the options limit the retention.
absl::StatusOr<ReplicaStores> OpenRocksDbReplica(
    const std::string& folder, const RocksDbOptions& options,
    absl::string_view suppression_key);

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_REPLICA_H_
