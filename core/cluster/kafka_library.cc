#include "core/cluster/kafka_library.h"

#include <dlfcn.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace portrait::cluster {
namespace {

constexpr char kLibrary[] = "librdkafka.so.1";

class Loader {
 public:
  explicit Loader(void* library) : library_(library) {}

  template <typename Function>
  void Load(const char* name, Function& function) {
    function = reinterpret_cast<Function>(dlsym(library_, name));
    if (function == nullptr && missing_.empty()) missing_ = name;
  }

  // The first function that the library lacks; empty: none.
  const std::string& missing() const { return missing_; }

 private:
  void* const library_;
  std::string missing_;
};

void LoadClients(Loader& loader, KafkaLibrary& kafka) {
  loader.Load("rd_kafka_err2str", kafka.err2str);
  loader.Load("rd_kafka_conf_new", kafka.conf_new);
  loader.Load("rd_kafka_conf_destroy", kafka.conf_destroy);
  loader.Load("rd_kafka_conf_set", kafka.conf_set);
  loader.Load("rd_kafka_conf_set_opaque", kafka.conf_set_opaque);
  loader.Load("rd_kafka_conf_set_dr_msg_cb", kafka.conf_set_dr_msg_cb);
  loader.Load("rd_kafka_conf_set_rebalance_cb", kafka.conf_set_rebalance_cb);
  loader.Load("rd_kafka_conf_set_log_cb", kafka.conf_set_log_cb);
  loader.Load("rd_kafka_new", kafka.create);
  loader.Load("rd_kafka_destroy_flags", kafka.destroy_flags);
  loader.Load("rd_kafka_fatal_error", kafka.fatal_error);
  loader.Load("rd_kafka_error_destroy", kafka.error_destroy);
  loader.Load("rd_kafka_error_string", kafka.error_string);
  loader.Load("rd_kafka_metadata", kafka.metadata);
  loader.Load("rd_kafka_metadata_destroy", kafka.metadata_destroy);
  loader.Load("rd_kafka_topic_new", kafka.topic_new);
  loader.Load("rd_kafka_topic_destroy", kafka.topic_destroy);
  loader.Load("rd_kafka_topic_name", kafka.topic_name);
  loader.Load("rd_kafka_offsets_for_times", kafka.offsets_for_times);
  loader.Load("rd_kafka_get_watermark_offsets", kafka.get_watermark_offsets);
  loader.Load("rd_kafka_produceva", kafka.produceva);
  loader.Load("rd_kafka_poll", kafka.poll);
  loader.Load("rd_kafka_flush", kafka.flush);
  loader.Load("rd_kafka_poll_set_consumer", kafka.poll_set_consumer);
  loader.Load("rd_kafka_queue_get_consumer", kafka.queue_get_consumer);
  loader.Load("rd_kafka_queue_new", kafka.queue_new);
  loader.Load("rd_kafka_queue_poll", kafka.queue_poll);
  loader.Load("rd_kafka_queue_destroy", kafka.queue_destroy);
  loader.Load("rd_kafka_consume_batch_queue", kafka.consume_batch_queue);
  loader.Load("rd_kafka_consumer_close", kafka.consumer_close);
  loader.Load("rd_kafka_consumer_poll", kafka.consumer_poll);
  loader.Load("rd_kafka_subscribe", kafka.subscribe);
}

void LoadConsumers(Loader& loader, KafkaLibrary& kafka) {
  loader.Load("rd_kafka_assign", kafka.assign);
  loader.Load("rd_kafka_incremental_assign", kafka.incremental_assign);
  loader.Load("rd_kafka_incremental_unassign", kafka.incremental_unassign);
  loader.Load("rd_kafka_assignment_lost", kafka.assignment_lost);
  loader.Load("rd_kafka_pause_partitions", kafka.pause_partitions);
  loader.Load("rd_kafka_topic_partition_list_new",
              kafka.topic_partition_list_new);
  loader.Load("rd_kafka_topic_partition_list_add",
              kafka.topic_partition_list_add);
  loader.Load("rd_kafka_topic_partition_list_destroy",
              kafka.topic_partition_list_destroy);
  loader.Load("rd_kafka_message_destroy", kafka.message_destroy);
  loader.Load("rd_kafka_message_headers", kafka.message_headers);
  loader.Load("rd_kafka_header_get_last", kafka.header_get_last);
  loader.Load("rd_kafka_AdminOptions_new", kafka.AdminOptions_new);
  loader.Load("rd_kafka_AdminOptions_destroy", kafka.AdminOptions_destroy);
  loader.Load("rd_kafka_AdminOptions_set_request_timeout",
              kafka.AdminOptions_set_request_timeout);
  loader.Load("rd_kafka_NewTopic_new", kafka.NewTopic_new);
  loader.Load("rd_kafka_NewTopic_destroy", kafka.NewTopic_destroy);
  loader.Load("rd_kafka_NewTopic_set_config", kafka.NewTopic_set_config);
  loader.Load("rd_kafka_CreateTopics", kafka.CreateTopics);
  loader.Load("rd_kafka_CreateTopics_result_topics",
              kafka.CreateTopics_result_topics);
  loader.Load("rd_kafka_topic_result_error", kafka.topic_result_error);
  loader.Load("rd_kafka_ConfigResource_new", kafka.ConfigResource_new);
  loader.Load("rd_kafka_ConfigResource_destroy", kafka.ConfigResource_destroy);
  loader.Load("rd_kafka_ConfigResource_error", kafka.ConfigResource_error);
  loader.Load("rd_kafka_ConfigResource_configs", kafka.ConfigResource_configs);
  loader.Load("rd_kafka_DescribeConfigs", kafka.DescribeConfigs);
  loader.Load("rd_kafka_DescribeConfigs_result_resources",
              kafka.DescribeConfigs_result_resources);
  loader.Load("rd_kafka_ConfigEntry_name", kafka.ConfigEntry_name);
  loader.Load("rd_kafka_ConfigEntry_value", kafka.ConfigEntry_value);
  loader.Load("rd_kafka_DescribeConsumerGroups", kafka.DescribeConsumerGroups);
  loader.Load("rd_kafka_DescribeConsumerGroups_result_groups",
              kafka.DescribeConsumerGroups_result_groups);
  loader.Load("rd_kafka_ConsumerGroupDescription_member_count",
              kafka.ConsumerGroupDescription_member_count);
  loader.Load("rd_kafka_ConsumerGroupDescription_member",
              kafka.ConsumerGroupDescription_member);
}

void LoadAdmin(Loader& loader, KafkaLibrary& kafka) {
  loader.Load("rd_kafka_MemberDescription_client_id",
              kafka.MemberDescription_client_id);
  loader.Load("rd_kafka_MemberDescription_host", kafka.MemberDescription_host);
  loader.Load("rd_kafka_event_error", kafka.event_error);
  loader.Load("rd_kafka_event_error_string", kafka.event_error_string);
  loader.Load("rd_kafka_event_destroy", kafka.event_destroy);
  loader.Load("rd_kafka_event_CreateTopics_result",
              kafka.event_CreateTopics_result);
  loader.Load("rd_kafka_event_DescribeConfigs_result",
              kafka.event_DescribeConfigs_result);
  loader.Load("rd_kafka_event_DescribeConsumerGroups_result",
              kafka.event_DescribeConsumerGroups_result);
}

absl::StatusOr<KafkaLibrary> LoadLibrary() {
  void* const library = dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat("--kafka: loading ", kLibrary, ": ", dlerror(),
                     "; install Debian's package librdkafka1"));
  }
  KafkaLibrary kafka = {};
  Loader loader(library);
  LoadClients(loader, kafka);
  LoadConsumers(loader, kafka);
  LoadAdmin(loader, kafka);
  if (loader.missing().empty()) return kafka;
  return absl::FailedPreconditionError(
      absl::StrCat("--kafka: ", kLibrary, " is too old: it lacks ",
                   loader.missing(), "; version 2.0.2 is known to work"));
}

}  // namespace

absl::StatusOr<const KafkaLibrary*> LoadKafka() {
  static const absl::StatusOr<KafkaLibrary> kafka = LoadLibrary();
  if (!kafka.ok()) return kafka.status();
  return &*kafka;
}

}  // namespace portrait::cluster
