#include "core/cluster/log_start.h"

#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/base/random.h"
#include "core/base/status_macros.h"
#include "core/cluster/log_message.h"
#include "core/store/suppression.h"

namespace portrait::cluster {
namespace {

constexpr char kIdentityName[] = "identity";
constexpr char kAliveName[] = "alive";
constexpr char kWriterName[] = "writer";
constexpr size_t kIdentityBytes = 16;
constexpr absl::Duration kIdentityReadTimeout = absl::Milliseconds(100);
constexpr size_t kReadBatch = 100;
// Tombstones stay in the log for kMinCompactionLag; clocks may differ.
constexpr absl::Duration kMaxAway = absl::Hours(12);

std::string KeyCheckOf(const Secret& cluster_key) {
  return SuppressionHasher(cluster_key).Hash("portrait: check of the key");
}

// The first identity in the topic; nothing if there is none before `end`.
absl::StatusOr<std::optional<store::v1::LoggedIdentity>> FindIdentity(
    const LogPlaces& places, LogReader& reader, int64_t end,
    absl::Time deadline) {
  std::vector<int64_t> offsets(places.size(), RD_KAFKA_OFFSET_END);
  offsets[places.access()] = 0;
  RETURN_IF_ERROR(reader.Follow(places, offsets));
  int64_t next = 0;
  while (next < end) {
    if (absl::Now() >= deadline) {
      return absl::UnavailableError(absl::StrCat(
          "kafka: ", places.access_topic(), " could not be read in time"));
    }
    for (const ReadMessage& message :
         reader.Read(kReadBatch, kIdentityReadTimeout)) {
      if (absl::IsUnavailable(message.status())) continue;
      RETURN_IF_ERROR(message.status());
      if (message.topic() != places.access_topic()) continue;
      next = message.offset() + 1;
      ASSIGN_OR_RETURN(
          const LogMessage parsed,
          ParseLogMessage(message.header(), message.key(), message.value()));
      if (parsed.type == LogMessage::Type::kIdentity) {
        return std::optional<store::v1::LoggedIdentity>(parsed.identity);
      }
    }
  }
  return std::optional<store::v1::LoggedIdentity>();
}

absl::Status WriteIdentity(const ClusterOptions& options,
                           const KafkaSettings& settings,
                           const LogPlaces& places) {
  store::v1::LoggedIdentity identity;
  identity.set_id(RandomBytes(kIdentityBytes));
  identity.set_partitions(places.contact_partitions());
  identity.set_key_check(KeyCheckOf(options.key));
  store::v1::LogHeader header;
  header.set_version(kLogVersion);
  ASSIGN_OR_RETURN(const auto writer, LogWriter::Make(options, settings, places,
                                                      [](size_t, uint64_t) {}));
  RETURN_IF_ERROR(writer->Write(places.access(), KeyOf(identity),
                                identity.SerializeAsString(), header));
  return writer->Flush(options.connect_timeout);
}

// Nodes that start at the same time may each write one; the first one counts.
absl::StatusOr<store::v1::LoggedIdentity> ReadOrWriteIdentity(
    const ClusterOptions& options, const KafkaSettings& settings,
    const LogPlaces& places, LogReader& reader) {
  const absl::Time deadline = absl::Now() + options.connect_timeout;
  bool is_written = false;
  while (true) {
    ASSIGN_OR_RETURN(const int64_t end, reader.EndOf(places, places.access()));
    ASSIGN_OR_RETURN(const auto identity,
                     FindIdentity(places, reader, end, deadline));
    if (identity.has_value()) return *identity;
    if (is_written || end > 0) {
      return absl::FailedPreconditionError(absl::StrCat(
          "kafka: the topic ", places.access_topic(),
          " does not say which cluster it is; is it another program's?"));
    }
    RETURN_IF_ERROR(WriteIdentity(options, settings, places));
    is_written = true;
  }
}

absl::Status CheckOptions(const store::v1::LoggedIdentity& identity,
                          const ClusterOptions& options,
                          const LogPlaces& places) {
  if (identity.key_check() != KeyCheckOf(options.key)) {
    return absl::FailedPreconditionError(
        absl::StrCat("cluster ", options.name,
                     ": this node has another cluster key than "
                     "the others; copy the file of one of them"));
  }
  if (identity.partitions() == places.contact_partitions()) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      absl::StrCat("kafka: the topic ", places.contacts_topic(), " has ",
                   places.contact_partitions(),
                   " partitions, but the cluster was made with ",
                   identity.partitions(), "; their number must not change"));
}

}  // namespace

std::string SuppressionKeyOf(const Secret& cluster_key) {
  return SuppressionHasher(cluster_key).Hash("portrait: objections");
}

absl::Status CheckIdentity(const ClusterOptions& options,
                           const KafkaSettings& settings,
                           const LogPlaces& places, LogReader& reader,
                           Replica& replica) {
  ASSIGN_OR_RETURN(const store::v1::LoggedIdentity identity,
                   ReadOrWriteIdentity(options, settings, places, reader));
  RETURN_IF_ERROR(CheckOptions(identity, options, places));
  ASSIGN_OR_RETURN(const std::optional<std::string> stored,
                   replica.ReadPosition(kIdentityName));
  if (!stored.has_value()) {
    return replica.WritePosition(kIdentityName, identity.id());
  }
  if (*stored == identity.id()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("cluster ", options.name,
                   ": the data folder belongs to another cluster; "
                   "correct --kafka, --cluster-name or --data-dir"));
}

absl::StatusOr<std::vector<PartitionFence>> ReadFences(const LogPlaces& places,
                                                       Replica& replica,
                                                       absl::Time now) {
  std::vector<PartitionFence> fences(places.size());
  for (size_t place = 0; place < places.size(); ++place) {
    ASSIGN_OR_RETURN(const std::optional<std::string> stored,
                     replica.ReadPosition(places.NameOf(place)));
    if (!stored.has_value()) continue;
    store::v1::LogPosition position;
    if (!position.ParseFromString(*stored)) {
      return absl::DataLossError("store: a position of the log is unreadable");
    }
    ASSIGN_OR_RETURN(const std::vector<std::string> repairs,
                     replica.ReadRepairs(places.NameOf(place)));
    fences[place] = PartitionFence(position, repairs);
  }
  ASSIGN_OR_RETURN(const std::optional<std::string> alive,
                   replica.ReadPosition(kAliveName));
  int64_t seconds = 0;
  if (alive.has_value() && absl::SimpleAtoi(*alive, &seconds) &&
      now - absl::FromUnixSeconds(seconds) > kMaxAway) {
    return absl::FailedPreconditionError(absl::StrCat(
        "cluster: this node was away since ",
        absl::FormatTime(absl::FromUnixSeconds(seconds), absl::UTCTimeZone()),
        ", longer than ", absl::FormatDuration(kMaxAway),
        ", and contacts may have been erased meanwhile; start it with an empty "
        "data folder, which it fills from the log"));
  }
  return fences;
}

absl::Status NoteAlive(Replica& replica, absl::Time now) {
  return replica.WritePosition(kAliveName,
                               absl::StrCat(absl::ToUnixSeconds(now)));
}

absl::StatusOr<uint64_t> ReadFormerWriter(Replica& replica) {
  ASSIGN_OR_RETURN(const std::optional<std::string> stored,
                   replica.ReadPosition(kWriterName));
  uint64_t writer = 0;
  if (stored.has_value() && !absl::SimpleAtoi(*stored, &writer)) return 0;
  return writer;
}

absl::Status NoteWriter(Replica& replica, uint64_t writer) {
  return replica.WritePosition(kWriterName, absl::StrCat(writer));
}

}  // namespace portrait::cluster
