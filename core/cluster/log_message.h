// The format of a cluster's log. The key of a message says what it is about,
// so that compaction keeps the last message of each contact:
//
//   r:JID      LoggedContact; no value: the contact was erased
//   l:LID      LoggedLid; no value: the LID belongs to no phone number
//   o:HASH     Objection, under the keyed hash of a JID; no value: removed
//   s:NAME     a linked account, sealed with the cluster's key; no value:
//   erased a:KEY      a value of Stores::access; no value: removed c:EPOCH
//   LoggedClaim. Each claim is kept: without it, a message that it
//              invalidates would count.
//   i:RANDOM   LoggedIdentity; the first one counts
//   n:NAME     LoggedNode; no value: the node has left. Written by that node
//              without a claim
//
// The header "portrait" of each message is a LogHeader.
#ifndef PORTRAIT_CORE_CLUSTER_LOG_MESSAGE_H_
#define PORTRAIT_CORE_CLUSTER_LOG_MESSAGE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/store/replica.h"
#include "portrait/store/v1/cluster.pb.h"

namespace portrait::cluster {

// The version of the format that this program writes, and the newest that it
// can read.
inline constexpr uint32_t kLogVersion = 2;
// Logs of older versions, which were never released, are refused.
inline constexpr uint32_t kLeastLogVersion = 2;
inline constexpr char kHeaderName[] = "portrait";
// The write_id of each LoggedNode; LogWriter carries up to 51 bits.
inline constexpr uint64_t kNodeWriteId = (uint64_t{1} << 51) - 1;

struct LogMessage {
  enum class Type { kEntry, kClaim, kIdentity, kNode };
  Type type = Type::kEntry;
  store::v1::LogHeader header;
  LogEntry entry;                      // kEntry
  store::v1::LoggedClaim claim;        // kClaim
  store::v1::LoggedIdentity identity;  // kIdentity
  std::string node_name;               // kNode
  store::v1::LoggedNode node;          // kNode, unless it has left
  bool has_left = false;               // kNode
};

std::string KeyOf(const LogEntry& entry);
// Nothing: a tombstone.
std::optional<std::string> ValueOf(const LogEntry& entry);

std::string KeyOf(const store::v1::LoggedClaim& claim);
std::string KeyOf(const store::v1::LoggedIdentity& identity);
std::string KeyOfNode(absl::string_view name);
store::v1::LogHeader NodeHeader(uint64_t writer);

// `header`: nothing if the message has no header of ours.
//
// Errors: FAILED_PRECONDITION if no Portrait wrote the message, or a newer or
// too old one (the message says which); DATA_LOSS if it is unreadable.
absl::StatusOr<LogMessage> ParseLogMessage(
    std::optional<absl::string_view> header, absl::string_view key,
    std::optional<absl::string_view> value);

// The entry, without its content, that a key is about.
//
// Errors: DATA_LOSS if the key is none of an entry.
absl::StatusOr<LogEntry> EntryOfKey(absl::string_view key);

// The partition of a record or LID, of `partitions`. The spellings of a phone
// number, which may be one account, are in one partition.
uint32_t PartitionOf(absl::string_view jid, uint32_t partitions);

}  // namespace portrait::cluster

#endif  // PORTRAIT_CORE_CLUSTER_LOG_MESSAGE_H_
