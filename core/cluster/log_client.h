// Writes to and reads from the log. LogReader follows every partition from a
// given offset.
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

  // True if this marks the end of the partition and is not a message.
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
  // The offset after the last message of the place. Thread-safe. Blocks for
  // about 20 seconds if the place's broker is silent.
  absl::StatusOr<int64_t> EndOf(const LogPlaces& places, size_t place);
  // The same, as of the brokers' last answer to a request for messages; 0 if
  // there was none. Does not block. Thread-safe.
  int64_t KnownEndOf(const LogPlaces& places, size_t place) const;
  // Whether a broker answers within the time. Thread-safe. librdkafka then
  // knows the current leaders.
  bool IsAnswered(absl::Duration timeout) const;

  KafkaClient& client() { return *client_; }

 private:
  LogReader() = default;
  absl::StatusOr<int64_t> AskForEnd(const LogPlaces& places, size_t place);

  std::unique_ptr<KafkaClient> client_;
  rd_kafka_queue_t* queue_ = nullptr;
};

}  // namespace portrait::cluster

#endif  // PORTRAIT_CORE_CLUSTER_LOG_CLIENT_H_
