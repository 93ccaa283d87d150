// The reading thread: what the log says is applied to the copy, and then
// waiting callers are answered.
#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"
#include "core/cluster/cluster_log.h"
#include "core/cluster/log_message.h"

namespace portrait::cluster {
namespace {

constexpr size_t kMaxBatch = 2000;
constexpr absl::Duration kReadTimeout = absl::Milliseconds(100);
constexpr absl::Duration kApplyRetry = absl::Seconds(1);
// A node whose copy refuses writes for this number of tries hands over.
constexpr int kStuckTries = 3;

int64_t NextOffsetOf(const std::string& position) {
  store::v1::LogPosition parsed;
  return parsed.ParseFromString(position) ? parsed.next_offset() : 0;
}

}  // namespace

struct ClusterLog::Landed {
  size_t place = 0;
  LogMessage message;
  std::string key;
  int64_t offset = 0;
  uint64_t sequence = 0;  // of its change; 0: none
  bool is_own = false;    // written by this process
  bool counts = false;
};

void ClusterLog::ReadLoop() {
  while (!is_stopping_) {
    const std::vector<ReadMessage> messages =
        reader_->Read(kMaxBatch, kReadTimeout);
    if (messages.empty()) continue;
    if (const absl::Status read = ReadBatch(messages); !read.ok()) {
      Fail(read);
      return;
    }
  }
}

absl::Status ClusterLog::ReadBatch(const std::vector<ReadMessage>& messages) {
  std::vector<Landed> landed;
  std::vector<size_t> ended;
  // What precedes a message that cannot be read still counts.
  const absl::Status parsed = ParseBatch(messages, &landed, &ended);
  std::vector<LoggedWrite> writes;
  writes.reserve(landed.size());
  {
    absl::MutexLock lock(&mu_);
    for (Landed& each : landed) {
      PartitionFence& fence = fences_[each.place];
      const PartitionFence::Verdict verdict =
          fence.Read(each.offset, each.key, each.message);
      each.counts = verdict.counts;
      each.is_own = each.message.header.writer() == writer_id_;
      const auto& change = each.message.entry.change;
      each.sequence = change.has_value() ? change->sequence : 0;
      const bool is_entry = each.message.type == LogMessage::Type::kEntry;
      if (is_entry && !each.counts) ++stats_.fenced_writes;
      LoggedWrite& write = writes.emplace_back();
      if (each.counts) {
        write.last_sequence = each.message.header.last_sequence();
      }
      write.repair = verdict.repair;
      write.key = each.key;
      write.is_ignored = !is_entry || !each.counts;
      if (!write.is_ignored) write.entry = std::move(each.message.entry);
      write.position_name = places_.NameOf(each.place);
      write.position = fence.Position().SerializeAsString();
    }
  }
  ApplyUntilWritten(writes);
  if (is_stopping_) return absl::OkStatus();
  RETURN_IF_ERROR(NoteNodes(landed));
  // The store itself tells its listener of changes whose writer waits.
  bool has_changes = false;
  for (size_t i = 0; i < landed.size(); ++i) {
    has_changes |= Settle(landed[i], writes[i]);
    if (landed[i].is_own || !landed[i].counts) continue;
    const LogEntry& entry = writes[i].entry;
    if (entry.kind == LogEntry::Kind::kRecord && entry.is_erased) {
      events_.on_erased(entry.id);
    }
  }
  role_.CallListener();
  if (has_changes) events_.on_changes();
  absl::MutexLock lock(&mu_);
  for (const size_t place : ended) caught_up_[place] = true;
  return parsed;
}

absl::Status ClusterLog::ParseBatch(const std::vector<ReadMessage>& messages,
                                    std::vector<Landed>* landed,
                                    std::vector<size_t>* ended) {
  for (const ReadMessage& message : messages) {
    if (message.is_end()) {
      const auto place = places_.PlaceOf(message.topic(), message.partition());
      if (place.ok()) ended->push_back(*place);
      continue;
    }
    const absl::Status status = message.status();
    if (absl::IsUnavailable(status)) {
      LogDebug("cluster: {}", status.ToString());
      continue;
    }
    RETURN_IF_ERROR(status);
    ASSIGN_OR_RETURN(const size_t place,
                     places_.PlaceOf(message.topic(), message.partition()));
    absl::StatusOr<LogMessage> parsed =
        ParseLogMessage(message.header(), message.key(), message.value());
    if (!parsed.ok()) {
      return absl::Status(
          parsed.status().code(),
          absl::StrCat(parsed.status().message(), " (", message.topic(),
                       ", partition ", message.partition(), ", offset ",
                       message.offset(), ")"));
    }
    landed->push_back({place, *std::move(parsed), std::string(message.key()),
                       message.offset()});
  }
  return absl::OkStatus();
}

// If the disk is full, the node waits: what it has read is in the log, and its
// callers hear that their time is up.
void ClusterLog::ApplyUntilWritten(std::vector<LoggedWrite>& writes) {
  absl::Status written = replica_.Write(absl::MakeSpan(writes));
  for (int tries = 1; !written.ok() && !is_stopping_; ++tries) {
    LogError("cluster: applying the log: {}", written.ToString());
    if (tries >= kStuckTries) is_copy_stuck_ = true;
    for (absl::Duration slept; slept < kApplyRetry && !is_stopping_;
         slept += kReadTimeout) {
      absl::SleepFor(kReadTimeout);
    }
    // Some of the first ones may be written, with their positions.
    for (LoggedWrite& write : writes) {
      const auto stored = replica_.ReadPosition(write.position_name);
      if (stored.ok() && stored->has_value() &&
          NextOffsetOf(**stored) >= NextOffsetOf(write.position)) {
        write.is_ignored = true;
        write.position = **stored;
      }
    }
    written = replica_.Write(absl::MakeSpan(writes));
  }
  is_copy_stuck_ = false;
}

// Returns whether there are changes of which the store does not know.
bool ClusterLog::Settle(const Landed& landed, const LoggedWrite& write) {
  if (landed.message.type == LogMessage::Type::kClaim) {
    return SettleClaim(landed);
  }
  if (landed.message.type != LogMessage::Type::kEntry) return false;
  const bool has_change = landed.counts && write.sequence > 0;
  if (!landed.is_own) return has_change;
  if (landed.sequence > 0) sequences_.Close(landed.sequence);
  const uint64_t id = landed.message.header.write_id();
  const std::optional<PendingWrites::Write> pending = pending_.Take(id);
  if (!pending.has_value()) return has_change;
  in_flight_.Remove(id, pending->entry);
  if (!landed.counts) {
    pending->group->Fail(absl::UnavailableError(
        "cluster: another node took the contact over; try again"));
    return false;
  }
  const bool is_awaited =
      pending->group->Succeed(pending->message, {write.sequence, write.erased});
  return has_change && !is_awaited;
}

bool ClusterLog::SettleClaim(const Landed& landed) {
  const store::v1::LoggedClaim& claim = landed.message.claim;
  const bool is_own = claim.writer() == writer_id_;
  absl::MutexLock lock(&mu_);
  PartitionOwner& owner = owners_[landed.place];
  const bool was_owned = owner.state() == PartitionOwner::State::kOwned;
  if (owner.OnClaimRead(landed.counts, is_own, claim.epoch(), ++generation_)) {
    Claim(landed.place);
  }
  const bool is_owned = owner.state() == PartitionOwner::State::kOwned;
  bool has_changes = false;
  if (!was_owned && is_owned) {
    ++stats_.takeovers;
    has_changes = sequences_.CloseAllOf(landed.place);
  }
  if (was_owned && !is_owned) {
    LogWarning("cluster: {} took over {}", claim.node(),
               places_.NameOf(landed.place));
    FailWritesOf(landed.place, "another node took the contact over");
  }
  if (landed.counts && !is_own) role_.End();
  const bool owns_all =
      std::all_of(owners_.begin(), owners_.end(), [](const auto& each) {
        return each.state() == PartitionOwner::State::kOwned;
      });
  if (owns_all && health_.ok() && !role_.IsActive()) {
    sequences_.Begin(replica_.pictures().last_sequence());
    role_.Begin();
  }
  return has_changes;
}

absl::Status ClusterLog::NoteNodes(const std::vector<Landed>& landed) {
  bool is_new = false;
  {
    absl::MutexLock lock(&mu_);
    is_new = caught_up_[places_.access()];
  }
  for (const Landed& each : landed) {
    const LogMessage& message = each.message;
    if (message.type == LogMessage::Type::kClaim && each.counts &&
        each.place == places_.access()) {
      nodes_.OnClaim(message.claim.node(), message.claim.writer());
    } else if (message.type == LogMessage::Type::kNode) {
      RETURN_IF_ERROR(
          nodes_.OnMessage(message.node_name, message.header.writer(),
                           message.has_left ? nullptr : &message.node, is_new));
    }
  }
  return absl::OkStatus();
}

}  // namespace portrait::cluster
