// The topics of a cluster: made if they are missing, checked if they are not.
#ifndef PORTRAIT_CORE_CLUSTER_TOPICS_H_
#define PORTRAIT_CORE_CLUSTER_TOPICS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/cluster/cluster_options.h"
#include "core/cluster/kafka_client.h"

namespace portrait::cluster {

// The time for which the log keeps messages and tombstones before compaction
// may remove them. A node that was offline for less time misses no erasure.
inline constexpr absl::Duration kMinCompactionLag = absl::Hours(24);

// Numbers the partitions of all topics: a place. Places 0 to `partitions` - 1
// are the partitions of contacts; the next place is that of the access topic.
class LogPlaces {
 public:
  LogPlaces(std::string name, uint32_t partitions)
      : name_(std::move(name)), partitions_(partitions) {}

  uint32_t contact_partitions() const { return partitions_; }
  size_t size() const { return partitions_ + 1; }
  size_t access() const { return partitions_; }

  std::string contacts_topic() const { return name_ + ".contacts"; }
  std::string access_topic() const { return name_ + ".access"; }
  std::string TopicOf(size_t place) const {
    return place < partitions_ ? contacts_topic() : access_topic();
  }
  int32_t PartitionOf(size_t place) const {
    return place < partitions_ ? static_cast<int32_t>(place) : 0;
  }
  // Errors: NOT_FOUND for a partition of no topic of ours.
  absl::StatusOr<size_t> PlaceOf(absl::string_view topic,
                                 int32_t partition) const;
  // "contacts/3"
  std::string NameOf(size_t place) const;

 private:
  std::string name_;
  uint32_t partitions_;
};

// Whether a topic with these settings and copies loses nothing. Settings that
// the map lacks are not judged.
//
// Errors: FAILED_PRECONDITION naming the setting and the expected value.
absl::Status CheckTopicSettings(
    const std::string& topic, int copies,
    const std::map<std::string, std::string>& settings);

// Makes the topics that are missing, with as many copies as there are brokers,
// at most three, and checks the others.
//
// Errors: UNAVAILABLE if no broker is reached within the connect timeout, or
// the topics have no leaders; those of CheckTopicSettings.
absl::StatusOr<LogPlaces> EnsureTopics(KafkaClient& client,
                                       const ClusterOptions& options);

}  // namespace portrait::cluster

#endif  // PORTRAIT_CORE_CLUSTER_TOPICS_H_
