// ClusterLog writes to the cluster's log, reads all of it back, and applies it
// to this node's copy of the store.
//
//   Publish ─▶ LogWriter ─▶ Kafka ─▶ LogReader ─▶ PartitionFence ─▶ Replica
//      ▲                                                              │
//      └──────────────── WriteGroup: applied, or refused ─────────────┘
//
// A node reads every partition. It writes to a partition only if the consumer
// group has assigned the partition to it and its claim is in the log.
#ifndef PORTRAIT_CORE_CLUSTER_CLUSTER_LOG_H_
#define PORTRAIT_CORE_CLUSTER_CLUSTER_LOG_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "core/base/clock.h"
#include "core/cluster/cluster_options.h"
#include "core/cluster/group_membership.h"
#include "core/cluster/in_flight.h"
#include "core/cluster/log_client.h"
#include "core/cluster/log_events.h"
#include "core/cluster/log_stats.h"
#include "core/cluster/node_role.h"
#include "core/cluster/node_table.h"
#include "core/cluster/partition_fence.h"
#include "core/cluster/partition_owner.h"
#include "core/cluster/pending_writes.h"
#include "core/cluster/sequences.h"
#include "core/cluster/topics.h"
#include "core/store/replica.h"

namespace portrait::cluster {

// Thread-safe.
class ClusterLog {
 public:
  // Connects, and follows the log from where `replica` ended. `replica` and
  // `in_flight` outlive it.
  // Errors: FAILED_PRECONDITION if the topics, the data folder, the key file or
  // the node's name are not those of this cluster, or a newer version wrote to
  // the log; UNAVAILABLE if no broker answers; INVALID_ARGUMENT.
  static absl::StatusOr<std::unique_ptr<ClusterLog>> Open(
      const ClusterOptions& options, Clock clock, Replica& replica,
      InFlight& in_flight, LogEvents events);
  ~ClusterLog() { Stop(); }
  // Waits until the node has read all messages that the log had when it was
  // opened. From then on, the node may become active. Errors: those of Open;
  // DEADLINE_EXCEEDED.
  absl::Status WaitUntilRead();

  NodeRole& role() { return role_; }
  NodeTable& nodes() { return nodes_; }
  GroupMembership& group() { return group_; }  // to hand over
  const Sequences& sequences() const { return sequences_; }

  // Call it before reading the data that a write is based on. Publish fails if
  // the node has not owned the partition since then.
  uint64_t generation() const { return generation_; }

  // Numbers the entries' changes, writes them to the log and adds them to
  // `in_flight`. One thread at a time; see InFlight. Messages of one partition
  // are applied in their order.
  // Errors: UNAVAILABLE if another node owns a partition (nothing is then
  // written), or the log takes no more.
  absl::StatusOr<std::shared_ptr<WriteGroup>> Publish(
      std::vector<LogEntry> entries, uint64_t generation);
  absl::Status WaitForRoom();  // Errors: UNAVAILABLE if the log takes no more.
  // The record's last write that is not applied yet, or null.
  std::shared_ptr<WriteGroup> PendingOf(absl::string_view jid) {
    return pending_.GroupOfRecord(jid);
  }
  absl::Duration write_timeout() const;
  absl::Status Health() const;  // an error: only a restart helps
  LogStats stats() const;
  const LogPlaces& places() const { return places_; }
  void Stop();  // hands over

 private:
  struct Landed;  // a message that was read

  ClusterLog(const ClusterOptions& options, Clock clock, LogPlaces places,
             const KafkaSettings& settings, Replica& replica,
             InFlight& in_flight, LogEvents events);
  absl::Status Connect(const KafkaSettings& settings,
                       std::unique_ptr<LogReader> reader);
  GroupMembership::Joined JoinGroup(const KafkaSettings& settings);
  absl::Status LoadPositions();
  absl::Status Write(PendingWrites::Write write)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // On the reading thread; cluster_log_read.cc.
  void ReadLoop();
  absl::Status ReadBatch(const std::vector<ReadMessage>& messages);
  absl::Status ParseBatch(const std::vector<ReadMessage>& messages,
                          std::vector<Landed>* landed,
                          std::vector<size_t>* ended);
  void ApplyUntilWritten(std::vector<LoggedWrite>& writes);
  bool Settle(const Landed& landed, const LoggedWrite& write);
  bool SettleClaim(const Landed& landed);
  absl::Status NoteNodes(const std::vector<Landed>& landed);
  // On the group's thread; cluster_log_own.cc.
  void OwnLoop();
  void LeaveCluster();
  void TellNodes();
  void Claim(size_t place) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void FailWritesOf(size_t place, const std::string& why)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Revoke(const std::vector<size_t>& places, bool is_lost);
  void OnWriteFailed(size_t place, uint64_t write_id);
  void RepairOwned();
  void ClaimAgain();
  void Fail(const absl::Status& status);
  bool IsFollowing();
  bool IsReadLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const ClusterOptions options_;
  const Clock clock_;
  const LogPlaces places_;
  const uint64_t writer_id_;  // of this process
  Replica& replica_;
  InFlight& in_flight_;
  const LogEvents events_;
  NodeRole role_;
  NodeTable nodes_;
  GroupMembership group_;
  std::unique_ptr<LogReader> reader_;
  std::unique_ptr<LogWriter> writer_;
  PendingWrites pending_;
  Sequences sequences_;

  // Also held while messages are queued, in the order of `in_flight_`.
  mutable absl::Mutex mu_;
  std::vector<PartitionFence> fences_ ABSL_GUARDED_BY(mu_);
  std::vector<PartitionOwner> owners_ ABSL_GUARDED_BY(mu_);
  std::vector<bool> caught_up_ ABSL_GUARDED_BY(mu_);  // by place
  absl::Status health_ ABSL_GUARDED_BY(mu_);
  LogStats stats_ ABSL_GUARDED_BY(mu_);  // what is counted
  std::atomic<uint64_t> generation_ = 1;
  std::atomic<bool> is_copy_stuck_ = false, is_leaving_ = false;
  std::atomic<bool> is_stopping_ = false;
  std::thread reading_, owning_;
};

}  // namespace portrait::cluster

#endif  // PORTRAIT_CORE_CLUSTER_CLUSTER_LOG_H_
