#include "core/cluster/log_client.h"

#include <array>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"

namespace portrait::cluster {
namespace {

constexpr size_t kMaxReadBatch = 2000;
constexpr size_t kFatalTextBytes = 512;
// What a reader holds of the log that is not applied yet.
constexpr char kReadAheadMessages[] = "100000";
constexpr char kReadAheadKib[] = "65536";
constexpr char kUnsentKib[] = "65536";
constexpr char kLingerMs[] = "0.5";
constexpr absl::Duration kEndTimeout = absl::Seconds(20);
constexpr absl::Duration kEndTryTimeout = absl::Seconds(2);
constexpr absl::Duration kEndRetry = absl::Milliseconds(50);

int ToMs(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(duration));
}

// The opaque pointer of a message has its place and its id.
constexpr int kPlaceBits = 13;  // kMaxPartitions and one more
constexpr uint64_t kPlaceMask = (uint64_t{1} << kPlaceBits) - 1;
static_assert(kMaxPartitions < kPlaceMask);

void* ToOpaque(size_t place, uint64_t write_id) {
  return reinterpret_cast<void*>(write_id << kPlaceBits | place);
}

}  // namespace

absl::StatusOr<std::unique_ptr<LogWriter>> LogWriter::Make(
    const ClusterOptions& options, const KafkaSettings& configured,
    LogPlaces places,
    std::function<void(size_t place, uint64_t write_id)> on_failed) {
  auto writer = absl::WrapUnique(new LogWriter(std::move(places)));
  KafkaEvents events;
  events.on_failed = [on_failed = std::move(on_failed)](void* opaque,
                                                        rd_kafka_resp_err_t) {
    const uint64_t bits = reinterpret_cast<uint64_t>(opaque);
    on_failed(bits & kPlaceMask, bits >> kPlaceBits);
  };
  const KafkaSettings own = {
      {"bootstrap.servers", options.brokers},
      {"client.id", options.node},
      {"enable.idempotence", "true"},
      {"linger.ms", kLingerMs},
      {"queue.buffering.max.kbytes", kUnsentKib},
      {"message.timeout.ms", absl::StrCat(ToMs(options.write_timeout))},
      {"delivery.report.only.error", "true"}};
  ASSIGN_OR_RETURN(
      writer->client_,
      KafkaClient::Make(RD_KAFKA_PRODUCER, configured, own, std::move(events)));
  return writer;
}

absl::Status LogWriter::Write(size_t place, const std::string& key,
                              const std::optional<std::string>& value,
                              const store::v1::LogHeader& header) {
  const std::string topic = places_.TopicOf(place);
  const std::string header_bytes = header.SerializeAsString();
  std::array<rd_kafka_vu_t, 7> parts = {};
  parts[0].vtype = RD_KAFKA_VTYPE_TOPIC;
  parts[0].u.cstr = topic.c_str();
  parts[1].vtype = RD_KAFKA_VTYPE_PARTITION;
  parts[1].u.i32 = places_.PartitionOf(place);
  parts[2].vtype = RD_KAFKA_VTYPE_KEY;
  parts[2].u.mem = {const_cast<char*>(key.data()), key.size()};
  parts[3].vtype = RD_KAFKA_VTYPE_VALUE;
  if (value.has_value()) {
    parts[3].u.mem = {const_cast<char*>(value->data()), value->size()};
  }
  parts[4].vtype = RD_KAFKA_VTYPE_HEADER;
  parts[4].u.header = {"portrait", header_bytes.data(),
                       static_cast<ssize_t>(header_bytes.size())};
  parts[5].vtype = RD_KAFKA_VTYPE_OPAQUE;
  parts[5].u.ptr = ToOpaque(place, header.write_id());
  parts[6].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  parts[6].u.i = RD_KAFKA_MSG_F_COPY;
  return client_->StatusOf(
      client_->library().produceva(client_->get(), parts.data(), parts.size()),
      "writing to the log");
}

absl::Status LogWriter::Poll() {
  const KafkaLibrary& kafka = client_->library();
  kafka.poll(client_->get(), 0);
  char text[kFatalTextBytes] = {};
  if (kafka.fatal_error(client_->get(), text, sizeof(text)) ==
      RD_KAFKA_RESP_ERR_NO_ERROR) {
    return absl::OkStatus();
  }
  return absl::AbortedError(
      absl::StrCat("cluster: this node cannot write to the log: ", text));
}

absl::Status LogWriter::Flush(absl::Duration timeout) {
  return client_->StatusOf(
      client_->library().flush(client_->get(), ToMs(timeout)),
      "writing to the log");
}

absl::Status ReadMessage::status() const {
  switch (message_->err) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      return absl::OkStatus();
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
      return absl::DataLossError(absl::StrCat(
          "kafka: ", topic(),
          " no longer has what this node reads next; it "
          "needs an empty data folder, which it fills from the log"));
    default:
      return absl::UnavailableError(
          absl::StrCat("kafka: reading: ", kafka_.err2str(message_->err)));
  }
}

std::string ReadMessage::topic() const {
  return message_->rkt == nullptr ? "" : kafka_.topic_name(message_->rkt);
}

std::optional<absl::string_view> ReadMessage::value() const {
  if (message_->payload == nullptr) return std::nullopt;
  return absl::string_view(static_cast<const char*>(message_->payload),
                           message_->len);
}

std::optional<absl::string_view> ReadMessage::header() const {
  rd_kafka_headers_t* headers = nullptr;
  const void* bytes = nullptr;
  size_t size = 0;
  if (kafka_.message_headers(message_.get(), &headers) !=
          RD_KAFKA_RESP_ERR_NO_ERROR ||
      kafka_.header_get_last(headers, "portrait", &bytes, &size) !=
          RD_KAFKA_RESP_ERR_NO_ERROR) {
    return std::nullopt;
  }
  return absl::string_view(static_cast<const char*>(bytes), size);
}

absl::StatusOr<std::unique_ptr<LogReader>> LogReader::Make(
    const ClusterOptions& options, const KafkaSettings& configured) {
  auto reader = absl::WrapUnique(new LogReader);
  const KafkaSettings own = {{"bootstrap.servers", options.brokers},
                             {"client.id", options.node},
                             {"group.id", options.name + ".reader"},
                             {"enable.auto.commit", "false"},
                             {"enable.auto.offset.store", "false"},
                             {"auto.offset.reset", "error"},
                             {"enable.partition.eof", "true"},
                             {"fetch.error.backoff.ms", "100"},
                             {"reconnect.backoff.max.ms", "1000"},
                             // Before librdkafka 2.2, a reader whose queue is
                             // full waits for a second.
                             {"queued.min.messages", kReadAheadMessages},
                             {"queued.max.messages.kbytes", kReadAheadKib}};
  ASSIGN_OR_RETURN(reader->client_,
                   KafkaClient::Make(RD_KAFKA_CONSUMER, configured, own));
  const KafkaLibrary& kafka = reader->client_->library();
  kafka.poll_set_consumer(reader->client_->get());
  reader->queue_ = kafka.queue_get_consumer(reader->client_->get());
  return reader;
}

LogReader::~LogReader() {
  if (queue_ != nullptr) client_->library().queue_destroy(queue_);
}

absl::Status LogReader::Follow(const LogPlaces& places,
                               const std::vector<int64_t>& offsets) {
  const KafkaLibrary& kafka = client_->library();
  const PartitionList list(kafka);
  for (size_t place = 0; place < offsets.size(); ++place) {
    rd_kafka_topic_partition_t* const added = kafka.topic_partition_list_add(
        list.get(), places.TopicOf(place).c_str(), places.PartitionOf(place));
    added->offset =
        offsets[place] == 0 ? RD_KAFKA_OFFSET_BEGINNING : offsets[place];
  }
  return client_->StatusOf(kafka.assign(client_->get(), list.get()),
                           "following the log");
}

std::vector<ReadMessage> LogReader::Read(size_t limit, absl::Duration timeout) {
  const KafkaLibrary& kafka = client_->library();
  std::array<rd_kafka_message_t*, kMaxReadBatch> found = {};
  std::vector<ReadMessage> messages;
  // It waits for the whole batch, so the first message is waited for alone.
  ssize_t count =
      kafka.consume_batch_queue(queue_, ToMs(timeout), found.data(), 1);
  if (count > 0 && limit > 1) {
    const ssize_t more = kafka.consume_batch_queue(
        queue_, 0, found.data() + 1, std::min(limit, kMaxReadBatch) - 1);
    if (more > 0) count += more;
  }
  for (ssize_t i = 0; i < count; ++i) messages.emplace_back(kafka, found[i]);
  return messages;
}

bool LogReader::IsAnswered(absl::Duration timeout) const {
  const KafkaLibrary& kafka = client_->library();
  const rd_kafka_metadata_t* metadata = nullptr;
  if (kafka.metadata(client_->get(), /*all_topics=*/1, nullptr, &metadata,
                     ToMs(timeout)) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return false;
  }
  kafka.metadata_destroy(metadata);
  return true;
}

int64_t LogReader::KnownEndOf(const LogPlaces& places, size_t place) const {
  int64_t low = 0, high = 0;
  client_->library().get_watermark_offsets(
      client_->get(), places.TopicOf(place).c_str(), places.PartitionOf(place),
      &low, &high);
  return high;
}

// A partition that was just made is not known to its leader at once. For some
// seconds after a broker has died, the other brokers still name it as a leader,
// so each further try asks for the leaders again.
absl::StatusOr<int64_t> LogReader::EndOf(const LogPlaces& places,
                                         size_t place) {
  const absl::Time deadline = absl::Now() + kEndTimeout;
  while (true) {
    const absl::StatusOr<int64_t> end = AskForEnd(places, place);
    if (end.ok() || absl::Now() >= deadline) return end;
    absl::SleepFor(kEndRetry);
    (void)IsAnswered(kEndTryTimeout);
  }
}

// librdkafka's query_watermark_offsets would wait for a dead broker for longer
// than its timeout.
absl::StatusOr<int64_t> LogReader::AskForEnd(const LogPlaces& places,
                                             size_t place) {
  const KafkaLibrary& kafka = client_->library();
  const PartitionList list(kafka);
  rd_kafka_topic_partition_t* const asked = kafka.topic_partition_list_add(
      list.get(), places.TopicOf(place).c_str(), places.PartitionOf(place));
  asked->offset = RD_KAFKA_OFFSET_END;
  const std::string attempted = "asking for the end of the log";
  RETURN_IF_ERROR(client_->StatusOf(
      kafka.offsets_for_times(client_->get(), list.get(), ToMs(kEndTryTimeout)),
      attempted));
  RETURN_IF_ERROR(client_->StatusOf(asked->err, attempted));
  return asked->offset;
}

}  // namespace portrait::cluster
