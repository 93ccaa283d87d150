// Writes to and reads from the log. LogReader follows every partition from a
// given offset; LogMembership takes part in the group that gives each partition
// an owner, and reads nothing.
#ifndef PORTRAIT_CORE_CLUSTER_LOG_CLIENT_H_
#define PORTRAIT_CORE_CLUSTER_LOG_CLIENT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/cluster/cluster_options.h"
#include "core/cluster/kafka_client.h"
#include "core/cluster/topics.h"
#include "portrait/store/v1/cluster.pb.h"

namespace portrait::cluster {

// Thread-safe, but Poll is for one thread.
class LogWriter {
 public:
  // `on_failed` is called by Poll: the message was not written, or it is not
  // known whether it was.
  static absl::StatusOr<std::unique_ptr<LogWriter>> Make(
      const ClusterOptions& options, const KafkaSettings& configured,
      LogPlaces places,
      std::function<void(size_t place, uint64_t write_id)> on_failed);

  // Queues a message; messages to a place are written in the order of the
  // calls. `value`: nothing writes a tombstone.
  //
  // Errors: UNAVAILABLE if the queue is full or the message is too large.
  absl::Status Write(size_t place, const std::string& key,
                     const std::optional<std::string>& value,
                     const store::v1::LogHeader& header);
  // Errors: ABORTED if the client cannot write any more.
  absl::Status Poll();
  // Waits until everything is written. Errors: UNAVAILABLE.
  absl::Status Flush(absl::Duration timeout);

 private:
  explicit LogWriter(LogPlaces places) : places_(std::move(places)) {}

  const LogPlaces places_;
  std::unique_ptr<KafkaClient> client_;
};

// A message as it was read; the views live as long as it.
class ReadMessage {
 public:
  ReadMessage(const KafkaLibrary& kafka, rd_kafka_message_t* message)
      : message_(message, kafka.message_destroy), kafka_(kafka) {}

  // No message, but a sign that the reader has all that the partition has.
  bool is_end() const {
    return message_->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
  }
  // Errors: those that librdkafka reports in place of a message. DATA_LOSS if
  // the log does not have the asked offset.
  absl::Status status() const;
  std::string topic() const;
  int32_t partition() const { return message_->partition; }
  int64_t offset() const { return message_->offset; }
  absl::string_view key() const {
    return {static_cast<const char*>(message_->key), message_->key_len};
  }
  // Nothing: a tombstone.
  std::optional<absl::string_view> value() const;
  std::optional<absl::string_view> header() const;

 private:
  std::unique_ptr<rd_kafka_message_t, decltype(&rd_kafka_message_destroy)>
      message_;
  const KafkaLibrary& kafka_;
};

// Thread-compatible.
class LogReader {
 public:
  static absl::StatusOr<std::unique_ptr<LogReader>> Make(
      const ClusterOptions& options, const KafkaSettings& configured);
  ~LogReader();

  // Reads each place from its offset on; 0: from its beginning.
  absl::Status Follow(const LogPlaces& places,
                      const std::vector<int64_t>& offsets);
  // Messages that have arrived, at most `limit`; waits up to `timeout` for the
  // first one.
  std::vector<ReadMessage> Read(size_t limit, absl::Duration timeout);
  // The offset after the last message of the place.
  absl::StatusOr<int64_t> EndOf(const LogPlaces& places, size_t place);

  KafkaClient& client() { return *client_; }

 private:
  LogReader() = default;

  std::unique_ptr<KafkaClient> client_;
  rd_kafka_queue_t* queue_ = nullptr;
};

// Thread-compatible; the events are called by Poll.
class LogMembership {
 public:
  struct Events {
    std::function<void(const std::vector<size_t>& places)> on_assigned;
    // Before others get them.
    std::function<void(const std::vector<size_t>& places)> on_revoked;
    // Others may have them already.
    std::function<void(const std::vector<size_t>& places)> on_lost;
  };

  // Joins the group. `writer` tells this process from an earlier one of the
  // same node.
  static absl::StatusOr<std::unique_ptr<LogMembership>> Join(
      const ClusterOptions& options, const KafkaSettings& configured,
      const LogPlaces& places, uint64_t writer, Events events);

  // Errors: FAILED_PRECONDITION if another node joined under the same name.
  absl::Status Poll(absl::Duration timeout);

 private:
  LogMembership(LogPlaces places, bool has_one_owner, Events events)
      : places_(std::move(places)),
        has_one_owner_(has_one_owner),
        events_(std::move(events)) {}
  void OnRebalance(rd_kafka_resp_err_t event,
                   rd_kafka_topic_partition_list_t* partitions);

  const LogPlaces places_;
  const bool has_one_owner_;
  const Events events_;
  std::unique_ptr<KafkaClient> client_;
};

// Waits until no other process takes part in the group under the node's name.
// `former_writer` is that of this node's last process, which has ended.
//
// Errors: FAILED_PRECONDITION if one still does after its session would have
// timed out.
absl::Status CheckNameIsFree(KafkaClient& client, const ClusterOptions& options,
                             uint64_t former_writer);

}  // namespace portrait::cluster

#endif  // PORTRAIT_CORE_CLUSTER_LOG_CLIENT_H_
