#include "core/cluster/kafka_client.h"

#include "absl/memory/memory.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/files.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"

namespace portrait::cluster {
namespace {

constexpr size_t kErrorBytes = 512;
// librdkafka's levels are syslog's.
constexpr int kWarningLevel = 4;

// With other values, acknowledged messages could be lost or written twice, or
// nodes would not form one cluster.
constexpr absl::string_view kOwnSettings[] = {"acks",
                                              "auto.offset.reset",
                                              "bootstrap.servers",
                                              "client.id",
                                              "enable.auto.commit",
                                              "enable.idempotence",
                                              "group.id",
                                              "group.instance.id",
                                              "isolation.level",
                                              "metadata.broker.list",
                                              "partition.assignment.strategy",
                                              "request.required.acks",
                                              "session.timeout.ms",
                                              "transactional.id"};

bool IsOwn(absl::string_view name) {
  for (const absl::string_view own : kOwnSettings) {
    if (name == own) return true;
  }
  return false;
}

void OnLog(const rd_kafka_t*, int level, const char* facility,
           const char* text) {
  if (level <= kWarningLevel) {
    LogWarning("kafka: {}: {}", facility, text);
  } else {
    LogDebug("kafka: {}: {}", facility, text);
  }
}

}  // namespace

absl::StatusOr<KafkaSettings> ParseKafkaConfig(absl::string_view text,
                                               const std::string& file) {
  KafkaSettings settings;
  size_t number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line[0] == '#') continue;
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(line, absl::MaxSplits('=', 1));
    const absl::string_view name = absl::StripAsciiWhitespace(parts.first);
    if (name.empty() || !absl::StrContains(line, '=')) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--kafka-config ", file, ", line ", number, ": expected NAME=VALUE"));
    }
    if (IsOwn(name)) {
      return absl::InvalidArgumentError(
          absl::StrCat("--kafka-config ", file, ", line ", number, ": ", name,
                       " is set by portraitd"));
    }
    settings.emplace_back(name, absl::StripAsciiWhitespace(parts.second));
  }
  return settings;
}

absl::StatusOr<KafkaSettings> ReadKafkaConfig(const std::string& file) {
  if (file.empty()) return KafkaSettings();
  const absl::StatusOr<std::string> text = ReadFile(file);
  if (text.ok()) return ParseKafkaConfig(*text, file);
  return absl::InvalidArgumentError(
      absl::StrCat("--kafka-config: ", text.status().message()));
}

absl::StatusOr<std::unique_ptr<KafkaClient>> KafkaClient::Make(
    rd_kafka_type_t type, const KafkaSettings& configured,
    const KafkaSettings& own, KafkaEvents events) {
  ASSIGN_OR_RETURN(const KafkaLibrary* const kafka, LoadKafka());
  auto client = absl::WrapUnique(new KafkaClient(*kafka, std::move(events)));
  std::unique_ptr<rd_kafka_conf_t, decltype(kafka->conf_destroy)> conf(
      kafka->conf_new(), kafka->conf_destroy);
  char error[kErrorBytes] = {};
  for (const KafkaSettings* settings : {&configured, &own}) {
    for (const auto& [name, value] : *settings) {
      if (kafka->conf_set(conf.get(), name.c_str(), value.c_str(), error,
                          sizeof(error)) == RD_KAFKA_CONF_OK) {
        continue;
      }
      // The value may be a password.
      return absl::InvalidArgumentError(
          absl::StrCat("--kafka-config: librdkafka refuses ", name));
    }
  }
  kafka->conf_set_opaque(conf.get(), client.get());
  kafka->conf_set_log_cb(conf.get(), OnLog);
  if (client->events_.on_failed) {
    kafka->conf_set_dr_msg_cb(conf.get(), OnDelivery);
  }
  if (client->events_.on_rebalance) {
    kafka->conf_set_rebalance_cb(conf.get(), OnRebalance);
  }
  client->client_ = kafka->create(type, conf.get(), error, sizeof(error));
  if (client->client_ == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("--kafka: librdkafka: ", error));
  }
  conf.release();  // NOLINT(bugprone-unused-return-value): create owns it now
  return client;
}

KafkaClient::~KafkaClient() {
  if (client_ != nullptr) {
    kafka_.destroy_flags(client_, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  }
}

void KafkaClient::OnDelivery(rd_kafka_t*, const rd_kafka_message_t* message,
                             void* self) {
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  static_cast<KafkaClient*>(self)->events_.on_failed(message->_private,
                                                     message->err);
}

void KafkaClient::OnRebalance(rd_kafka_t*, rd_kafka_resp_err_t event,
                              rd_kafka_topic_partition_list_t* partitions,
                              void* self) {
  static_cast<KafkaClient*>(self)->events_.on_rebalance(event, partitions);
}

absl::Status KafkaClient::StatusOf(rd_kafka_resp_err_t error,
                                   absl::string_view attempted) const {
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("kafka: ", attempted, ": ", kafka_.err2str(error)));
}

absl::Status KafkaClient::StatusOf(rd_kafka_error_t* error,
                                   absl::string_view attempted) const {
  if (error == nullptr) return absl::OkStatus();
  const absl::Status status = absl::UnavailableError(
      absl::StrCat("kafka: ", attempted, ": ", kafka_.error_string(error)));
  kafka_.error_destroy(error);
  return status;
}

}  // namespace portrait::cluster
