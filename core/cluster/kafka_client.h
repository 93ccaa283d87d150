// A librdkafka client: its settings, its log and its end.
#ifndef PORTRAIT_CORE_CLUSTER_KAFKA_CLIENT_H_
#define PORTRAIT_CORE_CLUSTER_KAFKA_CLIENT_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/cluster/kafka_library.h"

namespace portrait::cluster {

// Names and values, as librdkafka documents them.
using KafkaSettings = std::vector<std::pair<std::string, std::string>>;

// Reads lines of "NAME=VALUE"; '#' starts a comment.
//
// Errors: INVALID_ARGUMENT naming the line, also for a setting that portraitd
// sets itself, such as acks, because another value could lose data.
absl::StatusOr<KafkaSettings> ParseKafkaConfig(absl::string_view text,
                                               const std::string& file);
// Reads a file of such lines; an empty name means no settings. Errors:
// INVALID_ARGUMENT, also if the file cannot be read.
absl::StatusOr<KafkaSettings> ReadKafkaConfig(const std::string& file);

// Called on the thread that polls the client.
struct KafkaEvents {
  // A message was not written; its opaque pointer.
  std::function<void(void* message_opaque, rd_kafka_resp_err_t error)>
      on_failed;
  // Partitions are assigned or revoked; see rd_kafka_rebalance_cb.
  std::function<void(rd_kafka_resp_err_t event,
                     rd_kafka_topic_partition_list_t* partitions)>
      on_rebalance;
};

// Thread-safe. The destructor blocks until the client has ended.
class KafkaClient {
 public:
  // `own` settings take precedence over `configured` ones.
  //
  // Errors: INVALID_ARGUMENT naming the setting.
  static absl::StatusOr<std::unique_ptr<KafkaClient>> Make(
      rd_kafka_type_t type, const KafkaSettings& configured,
      const KafkaSettings& own, KafkaEvents events = {});
  KafkaClient(const KafkaClient&) = delete;
  KafkaClient& operator=(const KafkaClient&) = delete;
  ~KafkaClient();

  const KafkaLibrary& library() const { return kafka_; }
  rd_kafka_t* get() const { return client_; }

  // OK if there is no error, otherwise UNAVAILABLE with a message that names
  // the attempted operation.
  absl::Status StatusOf(rd_kafka_resp_err_t error,
                        absl::string_view attempted) const;
  // The same, and destroys `error`.
  absl::Status StatusOf(rd_kafka_error_t* error,
                        absl::string_view attempted) const;

 private:
  KafkaClient(const KafkaLibrary& kafka, KafkaEvents events)
      : kafka_(kafka), events_(std::move(events)) {}

  static void OnDelivery(rd_kafka_t*, const rd_kafka_message_t* message,
                         void* self);
  static void OnRebalance(rd_kafka_t*, rd_kafka_resp_err_t event,
                          rd_kafka_topic_partition_list_t* partitions,
                          void* self);

  const KafkaLibrary& kafka_;
  const KafkaEvents events_;
  rd_kafka_t* client_ = nullptr;
};

// A list of partitions that is destroyed at its end.
class PartitionList {
 public:
  explicit PartitionList(const KafkaLibrary& kafka)
      : list_(kafka.topic_partition_list_new(1),
              kafka.topic_partition_list_destroy) {}
  rd_kafka_topic_partition_list_t* get() const { return list_.get(); }

 private:
  const std::unique_ptr<rd_kafka_topic_partition_list_t,
                        decltype(&rd_kafka_topic_partition_list_destroy)>
      list_;
};

}  // namespace portrait::cluster

#endif  // PORTRAIT_CORE_CLUSTER_KAFKA_CLIENT_H_
