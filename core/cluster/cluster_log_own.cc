// The group's thread: which partitions this node owns.
#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/base/telemetry.h"
#include "core/cluster/cluster_log.h"
#include "core/cluster/log_message.h"
#include "core/cluster/log_start.h"

namespace portrait::cluster {
namespace {

using State = PartitionOwner::State;

constexpr absl::Duration kPollTimeout = absl::Milliseconds(50);
// The time for writes to a partition that is handed over to be read back.
constexpr absl::Duration kHandOverTimeout = absl::Seconds(5);
// A partition that another node took, although the group gave it to this node,
// is claimed again after this time.
constexpr absl::Duration kClaimAgainInterval = absl::Seconds(2);
constexpr absl::Duration kAliveInterval = absl::Minutes(1);
constexpr absl::Duration kAnswerTimeout = absl::Seconds(1);
// The time for the last messages of a node that leaves to be written.
constexpr absl::Duration kLeaveTimeout = absl::Seconds(2);

}  // namespace

void ClusterLog::OwnLoop() {
  absl::Time claimed_at = clock_(), noted_at = clock_();
  absl::Time told_at = absl::InfinitePast();
  while (!is_leaving_ && Health().ok()) {
    // A node that is behind, or cannot store what it reads, must not become
    // active.
    bool is_able = false;
    {
      absl::MutexLock lock(&mu_);
      is_able = !is_copy_stuck_ && health_.ok() && IsReadLocked();
    }
    absl::Status polled = group_.Keep(is_able);
    if (polled.ok()) polled = group_.Poll(kPollTimeout);
    if (polled.ok()) polled = writer_->Poll();
    if (!polled.ok()) {
      Fail(polled);
      break;
    }
    RepairOwned();
    const absl::Time now = clock_();
    if (now - told_at >= kNodeInterval || nodes_.HasNews()) {
      told_at = now;
      TellNodes();
    }
    if (now - claimed_at >= kClaimAgainInterval) {
      claimed_at = now;
      ClaimAgain();
    }
    if (now - noted_at < kAliveInterval) continue;
    noted_at = now;
    if (!IsFollowing()) continue;
    if (const absl::Status noted = NoteAlive(replica_, now); !noted.ok()) {
      LogWarning("cluster: {}", noted.ToString());
    }
  }
  LeaveCluster();
}

void ClusterLog::LeaveCluster() {
  group_.Leave();
  // A node that failed may have the name of another one.
  if (!Health().ok()) return;
  const absl::Status told =
      writer_->Write(places_.access(), KeyOfNode(options_.node),
                     /*value=*/std::nullopt, NodeHeader(writer_id_));
  if (told.ok()) (void)writer_->Flush(kLeaveTimeout);
}

void ClusterLog::TellNodes() {
  const LogStats figures = stats();
  const absl::Status written = writer_->Write(
      places_.access(), KeyOfNode(options_.node),
      nodes_.OwnMessage(figures.owned, figures.lag).SerializeAsString(),
      NodeHeader(writer_id_));
  if (!written.ok()) LogDebug("cluster: {}", written.ToString());
}

// Whether the brokers answer, and the node has applied what they have told.
bool ClusterLog::IsFollowing() {
  if (!reader_->IsAnswered(kAnswerTimeout)) return false;
  const size_t place = places_.access();
  absl::MutexLock lock(&mu_);
  return health_.ok() && IsReadLocked() &&
         fences_[place].next_offset() >= reader_->KnownEndOf(places_, place);
}

void ClusterLog::Claim(size_t place) {
  store::v1::LoggedClaim claim;
  claim.set_epoch(owners_[place].Claim(fences_[place].epoch()));
  claim.set_writer(writer_id_);
  claim.set_node(options_.node);
  store::v1::LogHeader header;
  header.set_version(kLogVersion);
  header.set_epoch(claim.epoch());
  header.set_writer(writer_id_);
  header.set_last_sequence(
      std::max(sequences_.last(), replica_.pictures().last_sequence()));
  const absl::Status written =
      writer_->Write(place, KeyOf(claim), claim.SerializeAsString(), header);
  if (written.ok()) return;
  LogWarning("cluster: claiming {}: {}", places_.NameOf(place),
             written.ToString());
  owners_[place].OnClaimFailed();  // ClaimAgain repeats it
}

void ClusterLog::FailWritesOf(size_t place, const std::string& why) {
  for (const auto& [id, write] : pending_.TakeAllOf(place)) {
    in_flight_.Remove(id, write.entry);
    if (write.group == nullptr) continue;
    write.group->Fail(
        absl::UnavailableError(absl::StrCat("cluster: ", why, "; try again")));
  }
}

void ClusterLog::Revoke(const std::vector<size_t>& places, bool is_lost) {
  {
    absl::MutexLock lock(&mu_);
    for (const size_t place : places) owners_[place].Release();
    role_.End();
  }
  role_.CallListener();
  LogInfo("cluster: {} partitions are {}", places.size(),
          is_lost ? "lost" : "handed over");
  // What is on its way still counts, because no other node can have claimed
  // yet.
  if (!is_lost && pending_.WaitUntilNoneOf(places, kHandOverTimeout)) return;
  absl::MutexLock lock(&mu_);
  for (const size_t place : places) {
    FailWritesOf(place, "this node has handed the contact over");
  }
}

// It is not known whether the message is in the log. The claim comes after it,
// so that everything before the claim is applied when it is read back.
void ClusterLog::OnWriteFailed(size_t place, uint64_t write_id) {
  if (write_id == kNodeWriteId) return;  // another one follows
  absl::MutexLock lock(&mu_);
  PartitionOwner& owner = owners_[place];
  LogDebug("cluster: write {} to {} failed", write_id, places_.NameOf(place));
  // One claim for all messages that failed together.
  if (write_id != 0 && owner.state() != State::kOwned) return;
  FailWritesOf(place, "the log has not confirmed a write");
  if (owner.is_assigned()) Claim(place);
}

void ClusterLog::ClaimAgain() {
  absl::MutexLock lock(&mu_);
  for (size_t place = 0; place < owners_.size(); ++place) {
    if (owners_[place].is_assigned() &&
        owners_[place].state() == State::kNone) {
      Claim(place);
    }
  }
}

void ClusterLog::RepairOwned() {
  if (!role_.IsActive()) return;
  std::vector<std::string> keys;
  {
    absl::MutexLock lock(&mu_);
    for (size_t place = 0; place < owners_.size(); ++place) {
      if (owners_[place].state() != State::kOwned) continue;
      const auto& repairs = fences_[place].repairs();
      keys.insert(keys.end(), repairs.begin(), repairs.end());
    }
  }
  if (!keys.empty()) events_.on_repair(keys);
}

void ClusterLog::Fail(const absl::Status& status) {
  LogError("cluster: this node takes no part any more: {}", status.ToString());
  {
    absl::MutexLock lock(&mu_);
    if (health_.ok()) health_ = status;
    for (size_t place = 0; place < owners_.size(); ++place) {
      owners_[place].Release();
      FailWritesOf(place, "this node takes no part in the cluster any more");
    }
    role_.End();
  }
  role_.CallListener();
}

}  // namespace portrait::cluster
