#include "core/cluster/topics.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"

namespace portrait::cluster {
namespace {

constexpr int kWantedCopies = 3;
constexpr absl::Duration kMetadataTimeout = absl::Seconds(5);
constexpr absl::Duration kAdminTimeout = absl::Seconds(20);
constexpr absl::Duration kLeaderPoll = absl::Milliseconds(100);
constexpr size_t kAdminErrorBytes = 512;

struct TopicState {
  bool exists = false;
  int partitions = 0;
  int copies = 0;
  bool has_leaders = true;
};

struct ClusterState {
  int brokers = 0;
  std::map<std::string, TopicState> topics;
};

int Milliseconds(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(duration));
}

TopicState StateOf(const rd_kafka_metadata_topic_t& topic) {
  TopicState state;
  state.exists = topic.err != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART &&
                 topic.partition_cnt > 0;
  state.partitions = topic.partition_cnt;
  for (int i = 0; i < topic.partition_cnt; ++i) {
    const rd_kafka_metadata_partition_t& partition = topic.partitions[i];
    if (partition.leader < 0) state.has_leaders = false;
    if (i == 0 || partition.replica_cnt < state.copies) {
      state.copies = partition.replica_cnt;
    }
  }
  return state;
}

// Asks for each topic by its name, because a client with few rights may not
// list them all.
absl::StatusOr<ClusterState> ReadState(KafkaClient& client,
                                       const std::vector<std::string>& topics) {
  const KafkaLibrary& kafka = client.library();
  ClusterState state;
  for (const std::string& name : topics) {
    const std::unique_ptr<rd_kafka_topic_t, decltype(kafka.topic_destroy)>
        topic(kafka.topic_new(client.get(), name.c_str(), nullptr),
              kafka.topic_destroy);
    const rd_kafka_metadata_t* metadata = nullptr;
    RETURN_IF_ERROR(
        client.StatusOf(kafka.metadata(client.get(), 0, topic.get(), &metadata,
                                       Milliseconds(kMetadataTimeout)),
                        "asking for the topics"));
    state.brokers = metadata->broker_cnt;
    for (int i = 0; i < metadata->topic_cnt; ++i) {
      if (metadata->topics[i].topic == name) {
        state.topics[name] = StateOf(metadata->topics[i]);
      }
    }
    kafka.metadata_destroy(metadata);
  }
  return state;
}

// Sends an admin request by `send` and returns its reply.
class AdminCall {
 public:
  explicit AdminCall(KafkaClient& client)
      : client_(client),
        options_(client.library().AdminOptions_new(client.get(),
                                                   RD_KAFKA_ADMIN_OP_ANY),
                 client.library().AdminOptions_destroy),
        queue_(client.library().queue_new(client.get()),
               client.library().queue_destroy) {
    char error[kAdminErrorBytes] = {};
    client.library().AdminOptions_set_request_timeout(
        options_.get(), Milliseconds(kAdminTimeout), error, sizeof(error));
  }
  ~AdminCall() {
    if (event_ != nullptr) client_.library().event_destroy(event_);
  }

  rd_kafka_AdminOptions_t* options() const { return options_.get(); }
  rd_kafka_queue_t* queue() const { return queue_.get(); }

  // The reply lives as long as this object.
  absl::StatusOr<rd_kafka_event_t*> Wait(absl::string_view attempted) {
    const KafkaLibrary& kafka = client_.library();
    event_ = kafka.queue_poll(queue_.get(), Milliseconds(2 * kAdminTimeout));
    if (event_ == nullptr) {
      return absl::UnavailableError(
          absl::StrCat("kafka: ", attempted, ": no reply within ",
                       absl::FormatDuration(2 * kAdminTimeout)));
    }
    if (kafka.event_error(event_) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return absl::UnavailableError(absl::StrCat(
          "kafka: ", attempted, ": ", kafka.event_error_string(event_)));
    }
    return event_;
  }

 private:
  KafkaClient& client_;
  const std::unique_ptr<rd_kafka_AdminOptions_t,
                        decltype(&rd_kafka_AdminOptions_destroy)>
      options_;
  const std::unique_ptr<rd_kafka_queue_t, decltype(&rd_kafka_queue_destroy)>
      queue_;
  rd_kafka_event_t* event_ = nullptr;
};

absl::Status CreateTopic(KafkaClient& client, const std::string& name,
                         uint32_t partitions, int copies) {
  const KafkaLibrary& kafka = client.library();
  char error[kAdminErrorBytes] = {};
  std::unique_ptr<rd_kafka_NewTopic_t, decltype(kafka.NewTopic_destroy)> topic(
      kafka.NewTopic_new(name.c_str(), static_cast<int>(partitions), copies,
                         error, sizeof(error)),
      kafka.NewTopic_destroy);
  if (topic == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("--cluster-name: the topic ", name, ": ", error));
  }
  const std::string lag =
      absl::StrCat(absl::ToInt64Milliseconds(kMinCompactionLag));
  const std::pair<const char*, std::string> settings[] = {
      {"cleanup.policy", "compact"},
      {"min.compaction.lag.ms", lag},
      {"delete.retention.ms", lag},
      {"min.insync.replicas", absl::StrCat(std::min(2, copies))},
      {"unclean.leader.election.enable", "false"},
      // A message is on the disks before it counts.
      {"flush.messages", "1"}};
  for (const auto& [key, value] : settings) {
    kafka.NewTopic_set_config(topic.get(), key, value.c_str());
  }
  AdminCall call(client);
  rd_kafka_NewTopic_t* topics[] = {topic.get()};
  kafka.CreateTopics(client.get(), topics, 1, call.options(), call.queue());
  const std::string attempted = absl::StrCat("making the topic ", name);
  ASSIGN_OR_RETURN(rd_kafka_event_t* const event, call.Wait(attempted));
  size_t count = 0;
  const rd_kafka_topic_result_t** const results =
      kafka.CreateTopics_result_topics(kafka.event_CreateTopics_result(event),
                                       &count);
  for (size_t i = 0; i < count; ++i) {
    const rd_kafka_resp_err_t code = kafka.topic_result_error(results[i]);
    // Another node makes it at the same time.
    if (code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) continue;
    RETURN_IF_ERROR(client.StatusOf(code, attempted));
  }
  LogInfo("cluster: made the topic {}: {} partitions, {} copies", name,
          partitions, copies);
  return absl::OkStatus();
}

absl::StatusOr<std::map<std::string, std::string>> ReadSettings(
    KafkaClient& client, const std::string& topic) {
  const KafkaLibrary& kafka = client.library();
  const std::unique_ptr<rd_kafka_ConfigResource_t,
                        decltype(kafka.ConfigResource_destroy)>
      resource(kafka.ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()),
               kafka.ConfigResource_destroy);
  AdminCall call(client);
  rd_kafka_ConfigResource_t* asked[] = {resource.get()};
  kafka.DescribeConfigs(client.get(), asked, 1, call.options(), call.queue());
  const std::string attempted =
      absl::StrCat("reading the settings of the topic ", topic);
  ASSIGN_OR_RETURN(rd_kafka_event_t* const event, call.Wait(attempted));
  size_t count = 0;
  const rd_kafka_ConfigResource_t** const resources =
      kafka.DescribeConfigs_result_resources(
          kafka.event_DescribeConfigs_result(event), &count);
  std::map<std::string, std::string> settings;
  for (size_t i = 0; i < count; ++i) {
    RETURN_IF_ERROR(
        client.StatusOf(kafka.ConfigResource_error(resources[i]), attempted));
    size_t entries = 0;
    const rd_kafka_ConfigEntry_t** const configs =
        kafka.ConfigResource_configs(resources[i], &entries);
    for (size_t j = 0; j < entries; ++j) {
      const char* const value = kafka.ConfigEntry_value(configs[j]);
      if (value != nullptr) {
        settings[kafka.ConfigEntry_name(configs[j])] = value;
      }
    }
  }
  return settings;
}

absl::Status WrongSetting(const std::string& topic, absl::string_view name,
                          absl::string_view found, absl::string_view expected) {
  return absl::FailedPreconditionError(
      absl::StrCat("kafka: the topic ", topic, " could lose data: ", name,
                   " is ", found, ", expected ", expected));
}

// Retries until a broker answers and each topic that exists has leaders.
absl::StatusOr<ClusterState> WaitForState(
    KafkaClient& client, const std::vector<std::string>& topics,
    absl::Time deadline) {
  while (true) {
    absl::StatusOr<ClusterState> state = ReadState(client, topics);
    const bool is_ready =
        state.ok() &&
        std::all_of(state->topics.begin(), state->topics.end(),
                    [](const auto& topic) { return topic.second.has_leaders; });
    if (is_ready) return state;
    if (absl::Now() >= deadline) {
      if (!state.ok()) return state;
      return absl::UnavailableError("kafka: a partition has no leader");
    }
    absl::SleepFor(kLeaderPoll);
  }
}

}  // namespace

absl::StatusOr<size_t> LogPlaces::PlaceOf(absl::string_view topic,
                                          int32_t partition) const {
  if (topic == access_topic() && partition == 0) return access();
  if (topic == contacts_topic() && partition >= 0 &&
      static_cast<uint32_t>(partition) < partitions_) {
    return static_cast<size_t>(partition);
  }
  return absl::NotFoundError(
      absl::StrCat("kafka: partition ", partition, " of ", topic));
}

std::string LogPlaces::NameOf(size_t place) const {
  return place < partitions_ ? absl::StrCat("contacts/", place) : "access/0";
}

absl::Status CheckTopicSettings(
    const std::string& topic, int copies,
    const std::map<std::string, std::string>& settings) {
  const auto find = [&](const std::string& name) -> std::optional<std::string> {
    const auto found = settings.find(name);
    if (found == settings.end()) return std::nullopt;
    return found->second;
  };
  const auto at_least = [&](const std::string& name,
                            int64_t least) -> absl::Status {
    const auto value = find(name);
    int64_t number = 0;
    if (!value.has_value() ||
        (absl::SimpleAtoi(*value, &number) && number >= least)) {
      return absl::OkStatus();
    }
    return WrongSetting(topic, name, *value, absl::StrCat("at least ", least));
  };
  if (const auto policy = find("cleanup.policy");
      policy.has_value() && *policy != "compact") {
    return WrongSetting(topic, "cleanup.policy", *policy, "compact");
  }
  if (const auto unclean = find("unclean.leader.election.enable");
      unclean.has_value() && *unclean != "false") {
    return WrongSetting(topic, "unclean.leader.election.enable", *unclean,
                        "false");
  }
  const int64_t lag = absl::ToInt64Milliseconds(kMinCompactionLag);
  RETURN_IF_ERROR(at_least("min.insync.replicas", std::min(2, copies)));
  RETURN_IF_ERROR(at_least("min.compaction.lag.ms", lag));
  return at_least("delete.retention.ms", lag);
}

absl::StatusOr<LogPlaces> EnsureTopics(KafkaClient& client,
                                       const ClusterOptions& options) {
  const auto partitions = static_cast<uint32_t>(options.partitions);
  const LogPlaces wanted(options.name, partitions);
  const std::vector<std::string> names = {wanted.contacts_topic(),
                                          wanted.access_topic()};
  const absl::Time deadline = absl::Now() + options.connect_timeout;
  absl::StatusOr<ClusterState> state = WaitForState(client, names, deadline);
  if (!state.ok()) {
    return absl::UnavailableError(absl::StrCat(
        "--kafka ", options.brokers, ": no broker answered within ",
        absl::FormatDuration(options.connect_timeout), ": ",
        state.status().message()));
  }
  const int copies = std::min(kWantedCopies, state->brokers);
  if (!state->topics[names[0]].exists) {
    RETURN_IF_ERROR(CreateTopic(client, names[0], partitions, copies));
  }
  if (!state->topics[names[1]].exists) {
    RETURN_IF_ERROR(CreateTopic(client, names[1], 1, copies));
  }
  // A topic that was just made is not known to each broker at once.
  while (!state->topics[names[0]].exists || !state->topics[names[1]].exists) {
    if (absl::Now() >= deadline) {
      return absl::UnavailableError("kafka: the topics were not made in time");
    }
    absl::SleepFor(kLeaderPoll);
    ASSIGN_OR_RETURN(state, WaitForState(client, names, deadline));
  }
  for (const std::string& name : names) {
    auto settings = ReadSettings(client, name);
    while (absl::IsUnavailable(settings.status()) && absl::Now() < deadline) {
      absl::SleepFor(kLeaderPoll);
      settings = ReadSettings(client, name);
    }
    RETURN_IF_ERROR(settings.status());
    RETURN_IF_ERROR(
        CheckTopicSettings(name, state->topics[name].copies, *settings));
  }
  if (state->topics[names[1]].partitions != 1) {
    return absl::FailedPreconditionError(
        absl::StrCat("kafka: the topic ", names[1], " has ",
                     state->topics[names[1]].partitions,
                     " partitions, expected 1; is it another program's?"));
  }
  return LogPlaces(options.name,
                   static_cast<uint32_t>(state->topics[names[0]].partitions));
}

}  // namespace portrait::cluster
