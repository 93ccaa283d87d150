// The group's consumer is assigned partitions but reads none of them: it is
// told which partitions this node owns, and its heartbeats keep them.
#include "core/cluster/log_membership.h"

#include <unistd.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"

namespace portrait::cluster {
namespace {

// How many heartbeats there are in a session timeout.
constexpr int kHeartbeats = 4;
constexpr absl::Duration kNameCheckTimeout = absl::Seconds(10);
constexpr absl::Duration kNameCheckInterval = absl::Milliseconds(500);
// Beyond the session timeout, for the group's coordinator to notice.
constexpr absl::Duration kNameCheckSlack = absl::Seconds(4);
// A node that does not poll for this time is out of the group.
constexpr absl::Duration kPollInterval = absl::Minutes(5);
constexpr size_t kMessageBytes = 512;

int InMs(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(duration));
}

// A node's name has no slash.
std::string ClientIdPrefix(const ClusterOptions& options) {
  return absl::StrCat(options.node, "/");
}

std::string ClientId(const ClusterOptions& options, uint64_t writer) {
  return absl::StrCat(ClientIdPrefix(options),
                      absl::Hex(writer, absl::kZeroPad16));
}

// The host of another process that takes part under the node's name; empty:
// there is none.
absl::StatusOr<std::string> HostOfSameName(KafkaClient& client,
                                           const ClusterOptions& options,
                                           uint64_t former_writer) {
  const KafkaLibrary& kafka = client.library();
  const std::unique_ptr<rd_kafka_queue_t, decltype(kafka.queue_destroy)> queue(
      kafka.queue_new(client.get()), kafka.queue_destroy);
  const char* groups[] = {options.name.c_str()};
  kafka.DescribeConsumerGroups(client.get(), groups, 1, nullptr, queue.get());
  const std::unique_ptr<rd_kafka_event_t, decltype(kafka.event_destroy)> event(
      kafka.queue_poll(queue.get(), InMs(kNameCheckTimeout)),
      kafka.event_destroy);
  const std::string attempted = "reading the list of nodes";
  if (event == nullptr) {
    return absl::UnavailableError(
        absl::StrCat("kafka: ", attempted, ": no reply"));
  }
  RETURN_IF_ERROR(client.StatusOf(kafka.event_error(event.get()), attempted));
  size_t count = 0;
  const rd_kafka_ConsumerGroupDescription_t** const found =
      kafka.DescribeConsumerGroups_result_groups(
          kafka.event_DescribeConsumerGroups_result(event.get()), &count);
  for (size_t i = 0; i < count; ++i) {
    const size_t members =
        kafka.ConsumerGroupDescription_member_count(found[i]);
    for (size_t j = 0; j < members; ++j) {
      const rd_kafka_MemberDescription_t* const member =
          kafka.ConsumerGroupDescription_member(found[i], j);
      const absl::string_view id = kafka.MemberDescription_client_id(member);
      if (!absl::StartsWith(id, ClientIdPrefix(options)) ||
          id == ClientId(options, former_writer)) {
        continue;
      }
      return absl::StrCat("host ", kafka.MemberDescription_host(member));
    }
  }
  return std::string();
}

}  // namespace

absl::StatusOr<std::unique_ptr<LogMembership>> LogMembership::Join(
    const ClusterOptions& options, const KafkaSettings& configured,
    const LogPlaces& places, uint64_t writer, Events events) {
  auto member = absl::WrapUnique(new LogMembership(places, std::move(events)));
  KafkaEvents kafka_events;
  kafka_events.on_rebalance = [self = member.get()](
                                  rd_kafka_resp_err_t event,
                                  rd_kafka_topic_partition_list_t* partitions) {
    self->OnRebalance(event, partitions);
  };
  const KafkaSettings own = {
      {"bootstrap.servers", options.brokers},
      {"client.id", ClientId(options, writer)},
      {"group.id", options.name},
      {"partition.assignment.strategy", "cooperative-sticky"},
      {"session.timeout.ms", absl::StrCat(InMs(options.session_timeout))},
      {"heartbeat.interval.ms",
       absl::StrCat(InMs(options.session_timeout / kHeartbeats))},
      // librdkafka refuses a session that is longer.
      {"max.poll.interval.ms",
       absl::StrCat(InMs(std::max(options.session_timeout, kPollInterval)))},
      {"enable.auto.commit", "false"},
      {"reconnect.backoff.max.ms", "1000"}};
  ASSIGN_OR_RETURN(member->client_,
                   KafkaClient::Make(RD_KAFKA_CONSUMER, configured, own,
                                     std::move(kafka_events)));
  const KafkaLibrary& kafka = member->client_->library();
  kafka.poll_set_consumer(member->client_->get());
  const PartitionList topics(kafka);
  kafka.topic_partition_list_add(topics.get(), places.access_topic().c_str(),
                                 RD_KAFKA_PARTITION_UA);
  RETURN_IF_ERROR(member->client_->StatusOf(
      kafka.subscribe(member->client_->get(), topics.get()), "joining"));
  return member;
}

absl::Status LogMembership::Poll(absl::Duration timeout) {
  const KafkaLibrary& kafka = client_->library();
  // Partitions are paused, so that what comes is an error, if anything.
  rd_kafka_message_t* const message =
      kafka.consumer_poll(client_->get(), InMs(timeout));
  if (message != nullptr) {
    LogDebug("cluster: {}", kafka.err2str(message->err));
    kafka.message_destroy(message);
  }
  char text[kMessageBytes] = {};
  const rd_kafka_resp_err_t fatal =
      kafka.fatal_error(client_->get(), text, sizeof(text));
  if (fatal == RD_KAFKA_RESP_ERR_NO_ERROR) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "cluster: this node is out of the group for a reason that does not "
      "pass: ",
      text));
}

void LogMembership::Leave() {
  const rd_kafka_resp_err_t left =
      client_->library().consumer_close(client_->get());
  if (left != RD_KAFKA_RESP_ERR_NO_ERROR) {
    LogWarning("cluster: leaving: {}", client_->library().err2str(left));
  }
}

void LogMembership::OnRebalance(rd_kafka_resp_err_t event,
                                rd_kafka_topic_partition_list_t* partitions) {
  const KafkaLibrary& kafka = client_->library();
  std::vector<size_t> changed;
  for (int i = 0; i < partitions->cnt; ++i) {
    const auto place = places_.PlaceOf(partitions->elems[i].topic,
                                       partitions->elems[i].partition);
    if (place.ok()) changed.push_back(*place);
    partitions->elems[i].offset = RD_KAFKA_OFFSET_END;
  }
  if (!changed.empty()) {
    changed.resize(places_.size());
    std::iota(changed.begin(), changed.end(), size_t{0});
  }
  absl::Status done;
  if (event == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    done = client_->StatusOf(
        kafka.incremental_assign(client_->get(), partitions), "taking over");
    kafka.pause_partitions(client_->get(), partitions);
    events_.on_assigned(changed);
  } else {
    if (kafka.assignment_lost(client_->get())) {
      events_.on_lost(changed);
    } else {
      events_.on_revoked(changed);
    }
    done = client_->StatusOf(
        kafka.incremental_unassign(client_->get(), partitions), "handing over");
  }
  if (!done.ok()) LogError("cluster: {}", done.ToString());
}

absl::Status CheckNameIsFree(KafkaClient& client, const ClusterOptions& options,
                             uint64_t former_writer) {
  const absl::Time deadline =
      absl::Now() + options.session_timeout + kNameCheckSlack;
  while (true) {
    ASSIGN_OR_RETURN(const std::string host,
                     HostOfSameName(client, options, former_writer));
    if (host.empty()) return absl::OkStatus();
    if (absl::Now() >= deadline) {
      return absl::FailedPreconditionError(
          absl::StrCat("--node-name ", options.node,
                       ": another node of this name is in the cluster, on ",
                       host, "; each node needs a name of its own"));
    }
    absl::SleepFor(kNameCheckInterval);
  }
}

}  // namespace portrait::cluster
