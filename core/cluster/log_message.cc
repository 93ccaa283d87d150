#include "core/cluster/log_message.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/status_macros.h"
#include "core/contact/contact_key.h"
#include "core/contact/other_spelling.h"
#include "core/store/change_codec.h"

namespace portrait::cluster {
namespace {

using Kind = LogEntry::Kind;

constexpr char kRecordPrefix[] = "r:";
constexpr char kLidPrefix[] = "l:";
constexpr char kObjectionPrefix[] = "o:";
constexpr char kSessionPrefix[] = "s:";
constexpr char kAccessPrefix[] = "a:";
constexpr char kClaimPrefix[] = "c:";
constexpr char kIdentityPrefix[] = "i:";
constexpr char kNodePrefix[] = "n:";

template <typename Message>
bool Parse(std::optional<absl::string_view> bytes, Message& message) {
  return bytes.has_value() &&
         message.ParseFromArray(bytes->data(), static_cast<int>(bytes->size()));
}

absl::Status CheckVersion(uint32_t version) {
  if (version > kLogVersion) {
    return absl::FailedPreconditionError(absl::StrCat(
        "log: a message has format version ", version,
        ", written by a newer portraitd; this one reads up to version ",
        kLogVersion));
  }
  if (version >= kLeastLogVersion) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "log: a message has format version ", version,
      ", written before the first release with clusters; this portraitd reads "
      "version ",
      kLeastLogVersion, " and later; begin with another --cluster-name"));
}

absl::Status Unreadable() {
  return absl::DataLossError("log: a message is unreadable");
}

absl::Status ParseEntryValue(absl::string_view value, LogEntry& entry) {
  switch (entry.kind) {
    case Kind::kRecord: {
      store::v1::LoggedContact logged;
      if (!Parse(value, logged) || logged.record().jid() != entry.id) break;
      entry.record = std::move(*logged.mutable_record());
      if (logged.has_change()) {
        entry.change = FromProto(logged.change());
        if (entry.change->sequence == 0) break;
      }
      return absl::OkStatus();
    }
    case Kind::kLid: {
      store::v1::LoggedLid logged;
      if (!Parse(value, logged) || logged.phone_jid().empty()) break;
      entry.phone_jid = logged.phone_jid();
      entry.moves_history = logged.moves_history();
      return absl::OkStatus();
    }
    case Kind::kObjection:
      if (!Parse(value, entry.objection)) break;
      return absl::OkStatus();
    case Kind::kSession:
    case Kind::kAccess:
      entry.value = std::string(value);
      return absl::OkStatus();
  }
  return Unreadable();
}

}  // namespace

std::string KeyOf(const LogEntry& entry) {
  switch (entry.kind) {
    case Kind::kRecord:
      return absl::StrCat(kRecordPrefix, entry.id);
    case Kind::kLid:
      return absl::StrCat(kLidPrefix, entry.id);
    case Kind::kObjection:
      return absl::StrCat(kObjectionPrefix, entry.id);
    case Kind::kSession:
      return absl::StrCat(kSessionPrefix, entry.id);
    case Kind::kAccess:
      return absl::StrCat(kAccessPrefix, entry.id);
  }
  return "";
}

std::optional<std::string> ValueOf(const LogEntry& entry) {
  if (entry.is_erased) return std::nullopt;
  switch (entry.kind) {
    case Kind::kRecord: {
      store::v1::LoggedContact logged;
      *logged.mutable_record() = entry.record;
      if (entry.change.has_value()) {
        *logged.mutable_change() = ToProto(*entry.change);
      }
      return logged.SerializeAsString();
    }
    case Kind::kLid: {
      store::v1::LoggedLid logged;
      logged.set_phone_jid(entry.phone_jid);
      logged.set_moves_history(entry.moves_history);
      return logged.SerializeAsString();
    }
    case Kind::kObjection:
      return entry.objection.SerializeAsString();
    case Kind::kSession:
    case Kind::kAccess:
      return entry.value;
  }
  return std::nullopt;
}

std::string KeyOf(const store::v1::LoggedClaim& claim) {
  // The writer, because two nodes may write the same epoch.
  return absl::StrCat(kClaimPrefix, claim.epoch(), ":",
                      absl::Hex(claim.writer(), absl::kZeroPad16));
}

std::string KeyOf(const store::v1::LoggedIdentity& identity) {
  return absl::StrCat(kIdentityPrefix, absl::BytesToHexString(identity.id()));
}

std::string KeyOfNode(absl::string_view name) {
  return absl::StrCat(kNodePrefix, name);
}

store::v1::LogHeader NodeHeader(uint64_t writer) {
  store::v1::LogHeader header;
  header.set_version(kLogVersion);
  header.set_writer(writer);
  header.set_write_id(kNodeWriteId);
  return header;
}

absl::StatusOr<LogEntry> EntryOfKey(absl::string_view key) {
  LogEntry entry;
  if (absl::ConsumePrefix(&key, kRecordPrefix)) {
    entry.kind = Kind::kRecord;
  } else if (absl::ConsumePrefix(&key, kLidPrefix)) {
    entry.kind = Kind::kLid;
  } else if (absl::ConsumePrefix(&key, kObjectionPrefix)) {
    entry.kind = Kind::kObjection;
  } else if (absl::ConsumePrefix(&key, kSessionPrefix)) {
    entry.kind = Kind::kSession;
  } else if (absl::ConsumePrefix(&key, kAccessPrefix)) {
    entry.kind = Kind::kAccess;
  } else {
    return Unreadable();
  }
  entry.id = std::string(key);
  return entry;
}

absl::StatusOr<LogMessage> ParseLogMessage(
    std::optional<absl::string_view> header, absl::string_view key,
    std::optional<absl::string_view> value) {
  LogMessage message;
  if (!Parse(header, message.header)) {
    return absl::FailedPreconditionError(
        "log: a message was not written by portraitd; is --cluster-name the "
        "name of other topics?");
  }
  RETURN_IF_ERROR(CheckVersion(message.header.version()));
  if (absl::StartsWith(key, kClaimPrefix)) {
    message.type = LogMessage::Type::kClaim;
    if (!Parse(value, message.claim)) return Unreadable();
    return message;
  }
  if (absl::StartsWith(key, kIdentityPrefix)) {
    message.type = LogMessage::Type::kIdentity;
    if (!Parse(value, message.identity)) return Unreadable();
    return message;
  }
  if (absl::ConsumePrefix(&key, kNodePrefix)) {
    message.type = LogMessage::Type::kNode;
    message.node_name = std::string(key);
    message.has_left = !value.has_value();
    if (!message.has_left && !Parse(value, message.node)) return Unreadable();
    return message;
  }
  ASSIGN_OR_RETURN(message.entry, EntryOfKey(key));
  message.entry.is_erased = !value.has_value();
  if (value.has_value()) {
    RETURN_IF_ERROR(ParseEntryValue(*value, message.entry));
  }
  return message;
}

uint32_t PartitionOf(absl::string_view jid, uint32_t partitions) {
  std::string key(jid);
  if (IsPhoneNumberKey(jid)) {
    const std::string number = PhoneNumberOf(jid);
    if (!number.empty()) {
      const auto other = FindOtherSpelling(absl::StripPrefix(number, "+"));
      if (other.has_value() && other->is_likelier) {
        key = PhoneNumberKey(other->digits);
      }
    }
  }
  return static_cast<uint32_t>(PartitionKeyOf(key) % partitions);
}

}  // namespace portrait::cluster
