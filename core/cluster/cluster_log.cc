#include "core/cluster/cluster_log.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "core/base/random.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"
#include "core/cluster/log_message.h"
#include "core/cluster/log_start.h"

namespace portrait::cluster {
namespace {

// Messages that are written and not read back. librdkafka's queue of 64 MiB
// holds this many messages of 6.5 KiB.
constexpr size_t kMaxPending = 10'000;
// librdkafka reports a message that it could not write within its own timeout.
constexpr absl::Duration kReportSlack = absl::Seconds(5);

uint64_t RandomNumber() {
  const std::string bytes = RandomBytes(sizeof(uint64_t));
  uint64_t number = 0;
  std::memcpy(&number, bytes.data(), sizeof(number));
  return number;
}

size_t PlaceOf(const LogEntry& entry, const LogPlaces& places) {
  const bool is_contact = entry.kind == LogEntry::Kind::kRecord ||
                          entry.kind == LogEntry::Kind::kLid;
  return is_contact ? PartitionOf(entry.id, places.contact_partitions())
                    : places.access();
}

}  // namespace

ClusterLog::ClusterLog(const ClusterOptions& options, Clock clock,
                       LogPlaces places, const KafkaSettings& settings,
                       Replica& replica, InFlight& in_flight, LogEvents events)
    : options_(options),
      clock_(std::move(clock)),
      places_(std::move(places)),
      writer_id_(RandomNumber()),
      replica_(replica),
      in_flight_(in_flight),
      events_(std::move(events)),
      nodes_(options.node, options.version, writer_id_, clock_),
      group_([this, settings] { return JoinGroup(settings); }) {
  owners_.resize(places_.size());
  caught_up_.resize(places_.size());
}

absl::StatusOr<std::unique_ptr<ClusterLog>> ClusterLog::Open(
    const ClusterOptions& options, Clock clock, Replica& replica,
    InFlight& in_flight, LogEvents events) {
  ASSIGN_OR_RETURN(const KafkaSettings settings,
                   ReadKafkaConfig(options.kafka_config));
  ASSIGN_OR_RETURN(auto reader, LogReader::Make(options, settings));
  ASSIGN_OR_RETURN(const LogPlaces places,
                   EnsureTopics(reader->client(), options));
  RETURN_IF_ERROR(CheckIdentity(options, settings, places, *reader, replica));
  auto log = absl::WrapUnique(new ClusterLog(options, std::move(clock), places,
                                             settings, replica, in_flight,
                                             std::move(events)));
  RETURN_IF_ERROR(log->Connect(settings, std::move(reader)));
  return log;
}

GroupMembership::Joined ClusterLog::JoinGroup(const KafkaSettings& settings) {
  LogMembership::Events events;
  events.on_assigned = [this](const std::vector<size_t>& places) {
    absl::MutexLock lock(&mu_);
    for (const size_t place : places) Claim(place);
    LogInfo("cluster: {} more partitions are this node's", places.size());
  };
  events.on_revoked = [this](const auto& places) { Revoke(places, false); };
  events.on_lost = [this](const auto& places) { Revoke(places, true); };
  return LogMembership::Join(options_, settings, places_, writer_id_,
                             std::move(events));
}

absl::Status ClusterLog::Connect(const KafkaSettings& settings,
                                 std::unique_ptr<LogReader> reader) {
  reader_ = std::move(reader);
  ASSIGN_OR_RETURN(const uint64_t former, ReadFormerWriter(replica_));
  RETURN_IF_ERROR(CheckNameIsFree(reader_->client(), options_, former));
  RETURN_IF_ERROR(NoteWriter(replica_, writer_id_));
  RETURN_IF_ERROR(LoadPositions());
  ASSIGN_OR_RETURN(writer_,
                   LogWriter::Make(options_, settings, places_,
                                   [this](size_t place, uint64_t write_id) {
                                     OnWriteFailed(place, write_id);
                                   }));
  reading_ = std::thread([this] { ReadLoop(); });
  owning_ = std::thread([this] { OwnLoop(); });
  return absl::OkStatus();
}

absl::Status ClusterLog::LoadPositions() {
  ASSIGN_OR_RETURN(std::vector<PartitionFence> fences,
                   ReadFences(places_, replica_, clock_()));
  std::vector<int64_t> offsets;
  for (size_t place = 0; place < places_.size(); ++place) {
    offsets.push_back(fences[place].next_offset());
    ASSIGN_OR_RETURN(const int64_t end, reader_->EndOf(places_, place));
    if (offsets.back() > end) {
      return absl::FailedPreconditionError(
          absl::StrCat("cluster: ", places_.NameOf(place), " ends at ", end,
                       ", but this node has read it up to ", offsets.back(),
                       ": the log has lost messages"));
    }
  }
  absl::MutexLock lock(&mu_);
  fences_ = std::move(fences);
  const PartitionFence& access = fences_[places_.access()];
  nodes_.OnClaim(access.node(), access.writer());
  return reader_->Follow(places_, offsets);
}

bool ClusterLog::IsReadLocked() const {
  return !health_.ok() || std::all_of(caught_up_.begin(), caught_up_.end(),
                                      [](bool is_read) { return is_read; });
}

absl::Status ClusterLog::WaitUntilRead() {
  const absl::Time started = clock_();
  absl::MutexLock lock(&mu_);
  if (!mu_.AwaitWithTimeout(absl::Condition(this, &ClusterLog::IsReadLocked),
                            options_.start_timeout)) {
    return absl::DeadlineExceededError(
        absl::StrCat("cluster: the log was not read within ",
                     absl::FormatDuration(options_.start_timeout)));
  }
  stats_.catch_up = clock_() - started;
  return health_;
}

absl::StatusOr<std::shared_ptr<WriteGroup>> ClusterLog::Publish(
    std::vector<LogEntry> entries, uint64_t generation) {
  auto group = std::make_shared<WriteGroup>(entries.size());
  absl::MutexLock lock(&mu_);
  RETURN_IF_ERROR(health_);
  for (const LogEntry& entry : entries) {
    const size_t place = PlaceOf(entry, places_);
    if (role_.IsActive() && owners_[place].MayWrite(generation)) continue;
    return absl::UnavailableError(
        absl::StrCat("cluster: ", places_.NameOf(place), " is not this node's",
                     fences_[place].node().empty() ? "" : " but that of ",
                     fences_[place].node()));
  }
  for (size_t i = 0; i < entries.size(); ++i) {
    PendingWrites::Write write;
    write.place = PlaceOf(entries[i], places_);
    write.entry = std::move(entries[i]);
    write.group = group;
    write.message = i;
    if (const absl::Status queued = Write(std::move(write)); !queued.ok()) {
      group->Fail(queued);
      return queued;
    }
  }
  return group;
}

// A write becomes pending after librdkafka has queued it: a write that
// librdkafka refuses must not replace an earlier write of its key. A thread
// that completes writes needs mu_, so it cannot look for this write before it
// is added.
absl::Status ClusterLog::Write(PendingWrites::Write write) {
  store::v1::LogHeader header;
  header.set_version(kLogVersion);
  header.set_epoch(owners_[write.place].epoch());
  header.set_writer(writer_id_);
  header.set_write_id(pending_.NextId());
  uint64_t sequence = 0;
  if (write.entry.change.has_value()) {
    sequence = write.entry.change->sequence = sequences_.Assign(write.place);
  }
  header.set_last_sequence(sequences_.last());
  const absl::Status written = writer_->Write(write.place, KeyOf(write.entry),
                                              ValueOf(write.entry), header);
  if (!written.ok()) {
    sequences_.Close(sequence);
    return written;
  }
  in_flight_.Add(header.write_id(), write.entry);
  pending_.Add(header.write_id(), std::move(write));
  return absl::OkStatus();
}

absl::Status ClusterLog::WaitForRoom() {
  if (pending_.WaitForRoom(kMaxPending, options_.write_timeout)) {
    return absl::OkStatus();
  }
  return absl::UnavailableError("cluster: the log takes no more writes");
}

absl::Duration ClusterLog::write_timeout() const {
  return options_.write_timeout + kReportSlack;
}

absl::Status ClusterLog::Health() const {
  absl::MutexLock lock(&mu_);
  return health_;
}

LogStats ClusterLog::stats() const {
  absl::MutexLock lock(&mu_);
  LogStats stats = stats_;
  stats.partitions = places_.size();
  for (size_t place = 0; place < places_.size(); ++place) {
    if (owners_[place].state() == PartitionOwner::State::kOwned) ++stats.owned;
    const int64_t unread =
        reader_->KnownEndOf(places_, place) - fences_[place].next_offset();
    if (unread > 0) stats.lag += static_cast<uint64_t>(unread);
  }
  return stats;
}

// The group's thread ends first: before it leaves the group, what is on its way
// is read back.
void ClusterLog::Stop() {
  if (is_leaving_.exchange(true)) return;
  if (owning_.joinable()) owning_.join();
  is_stopping_ = true;
  if (reading_.joinable()) reading_.join();
  absl::MutexLock lock(&mu_);
  for (size_t place = 0; place < owners_.size(); ++place) {
    FailWritesOf(place, "this node stops");
  }
}

}  // namespace portrait::cluster
