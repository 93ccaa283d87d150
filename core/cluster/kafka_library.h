// librdkafka, loaded when the first cluster is opened. A server without --kafka
// neither loads nor needs it.
#ifndef PORTRAIT_CORE_CLUSTER_KAFKA_LIBRARY_H_
#define PORTRAIT_CORE_CLUSTER_KAFKA_LIBRARY_H_

#include <librdkafka/rdkafka.h>

#include "absl/status/statusor.h"

namespace portrait::cluster {

// The library's functions, without the prefix "rd_kafka_".
struct KafkaLibrary {
  decltype(&rd_kafka_err2str) err2str;
  decltype(&rd_kafka_conf_new) conf_new;
  decltype(&rd_kafka_conf_destroy) conf_destroy;
  decltype(&rd_kafka_conf_set) conf_set;
  decltype(&rd_kafka_conf_set_opaque) conf_set_opaque;
  decltype(&rd_kafka_conf_set_dr_msg_cb) conf_set_dr_msg_cb;
  decltype(&rd_kafka_conf_set_rebalance_cb) conf_set_rebalance_cb;
  decltype(&rd_kafka_conf_set_log_cb) conf_set_log_cb;
  decltype(&rd_kafka_new) create;
  decltype(&rd_kafka_destroy_flags) destroy_flags;
  decltype(&rd_kafka_fatal_error) fatal_error;
  decltype(&rd_kafka_error_destroy) error_destroy;
  decltype(&rd_kafka_error_string) error_string;

  decltype(&rd_kafka_metadata) metadata;
  decltype(&rd_kafka_metadata_destroy) metadata_destroy;
  decltype(&rd_kafka_topic_new) topic_new;
  decltype(&rd_kafka_topic_destroy) topic_destroy;
  decltype(&rd_kafka_topic_name) topic_name;
  decltype(&rd_kafka_offsets_for_times) offsets_for_times;
  decltype(&rd_kafka_get_watermark_offsets) get_watermark_offsets;

  decltype(&rd_kafka_produceva) produceva;
  decltype(&rd_kafka_poll) poll;
  decltype(&rd_kafka_flush) flush;

  decltype(&rd_kafka_poll_set_consumer) poll_set_consumer;
  decltype(&rd_kafka_queue_get_consumer) queue_get_consumer;
  decltype(&rd_kafka_queue_new) queue_new;
  decltype(&rd_kafka_queue_poll) queue_poll;
  decltype(&rd_kafka_queue_destroy) queue_destroy;
  decltype(&rd_kafka_consume_batch_queue) consume_batch_queue;
  decltype(&rd_kafka_consumer_poll) consumer_poll;
  decltype(&rd_kafka_consumer_close) consumer_close;
  decltype(&rd_kafka_subscribe) subscribe;
  decltype(&rd_kafka_assign) assign;
  decltype(&rd_kafka_incremental_assign) incremental_assign;
  decltype(&rd_kafka_incremental_unassign) incremental_unassign;
  decltype(&rd_kafka_assignment_lost) assignment_lost;
  decltype(&rd_kafka_pause_partitions) pause_partitions;
  decltype(&rd_kafka_topic_partition_list_new) topic_partition_list_new;
  decltype(&rd_kafka_topic_partition_list_add) topic_partition_list_add;
  decltype(&rd_kafka_topic_partition_list_destroy) topic_partition_list_destroy;
  decltype(&rd_kafka_message_destroy) message_destroy;
  decltype(&rd_kafka_message_headers) message_headers;
  decltype(&rd_kafka_header_get_last) header_get_last;

  decltype(&rd_kafka_AdminOptions_new) AdminOptions_new;
  decltype(&rd_kafka_AdminOptions_destroy) AdminOptions_destroy;
  decltype(&rd_kafka_AdminOptions_set_request_timeout)
      AdminOptions_set_request_timeout;
  decltype(&rd_kafka_NewTopic_new) NewTopic_new;
  decltype(&rd_kafka_NewTopic_destroy) NewTopic_destroy;
  decltype(&rd_kafka_NewTopic_set_config) NewTopic_set_config;
  decltype(&rd_kafka_CreateTopics) CreateTopics;
  decltype(&rd_kafka_CreateTopics_result_topics) CreateTopics_result_topics;
  decltype(&rd_kafka_topic_result_error) topic_result_error;
  decltype(&rd_kafka_ConfigResource_new) ConfigResource_new;
  decltype(&rd_kafka_ConfigResource_destroy) ConfigResource_destroy;
  decltype(&rd_kafka_ConfigResource_error) ConfigResource_error;
  decltype(&rd_kafka_ConfigResource_configs) ConfigResource_configs;
  decltype(&rd_kafka_DescribeConfigs) DescribeConfigs;
  decltype(&rd_kafka_DescribeConfigs_result_resources)
      DescribeConfigs_result_resources;
  decltype(&rd_kafka_ConfigEntry_name) ConfigEntry_name;
  decltype(&rd_kafka_ConfigEntry_value) ConfigEntry_value;
  decltype(&rd_kafka_DescribeConsumerGroups) DescribeConsumerGroups;
  decltype(&rd_kafka_DescribeConsumerGroups_result_groups)
      DescribeConsumerGroups_result_groups;
  decltype(&rd_kafka_ConsumerGroupDescription_member_count)
      ConsumerGroupDescription_member_count;
  decltype(&rd_kafka_ConsumerGroupDescription_member)
      ConsumerGroupDescription_member;
  decltype(&rd_kafka_MemberDescription_client_id) MemberDescription_client_id;
  decltype(&rd_kafka_MemberDescription_host) MemberDescription_host;
  decltype(&rd_kafka_event_error) event_error;
  decltype(&rd_kafka_event_error_string) event_error_string;
  decltype(&rd_kafka_event_destroy) event_destroy;
  decltype(&rd_kafka_event_CreateTopics_result) event_CreateTopics_result;
  decltype(&rd_kafka_event_DescribeConfigs_result) event_DescribeConfigs_result;
  decltype(&rd_kafka_event_DescribeConsumerGroups_result)
      event_DescribeConsumerGroups_result;
};

// Stays loaded until the process ends. Thread-safe.
//
// Errors: FAILED_PRECONDITION if it is not installed or too old.
absl::StatusOr<const KafkaLibrary*> LoadKafka();

}  // namespace portrait::cluster

#endif  // PORTRAIT_CORE_CLUSTER_KAFKA_LIBRARY_H_
