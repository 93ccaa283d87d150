// The PictureStore of a node in a cluster: it reads from the node's copy, and
// writes through the log.
#ifndef PORTRAIT_CORE_CLUSTER_CLUSTER_PICTURE_STORE_H_
#define PORTRAIT_CORE_CLUSTER_CLUSTER_PICTURE_STORE_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "core/base/clock.h"
#include "core/cluster/cluster_log.h"
#include "core/cluster/cluster_options.h"
#include "core/cluster/in_flight.h"
#include "core/store/picture_store.h"
#include "core/store/replica.h"

namespace portrait::cluster {

// Thread-safe. A call that stores something returns when it is in the log and
// applied to this node's copy. Differences to the contract of PictureStore:
//
// - Observations of several contacts may be of several partitions. A crash may
//   store some of them; each contact is stored as a whole or not at all.
// - Sequences are those of the cluster: a change has the same one on each node,
//   and an active node shows no change before each smaller one. A node that
//   stands by may show them in another order.
//
// Errors of every writing method, in addition: UNAVAILABLE if another node owns
// the contact, or the log does not confirm the write. It is then not known
// whether it was stored; repeating the call is safe.
class ClusterPictureStore final : public PictureStore {
 public:
  // Connects and waits until the node has read the log; see ClusterLog::Open.
  static absl::StatusOr<std::unique_ptr<ClusterPictureStore>> Open(
      const ClusterOptions& options, Clock clock,
      std::unique_ptr<Replica> replica);
  ~ClusterPictureStore() override;

  absl::Status Read(absl::Span<const absl::string_view> jids,
                    OnStored on_stored) override {
    return replica_->pictures().Read(jids, on_stored);
  }
  absl::StatusOr<std::vector<ApplyResult>> Apply(
      absl::Span<const Observation> observations) override;
  absl::StatusOr<std::vector<Change>> ReadChanges(uint64_t after,
                                                  size_t limit) override;
  absl::StatusOr<std::vector<Change>> ReadHistory(absl::string_view jid,
                                                  uint64_t before,
                                                  size_t limit) override {
    return replica_->pictures().ReadHistory(jid, before, limit);
  }
  uint64_t last_sequence() const override {
    const uint64_t applied = replica_->pictures().last_sequence();
    return log_->sequences().Settled(applied);
  }
  uint64_t forget_count() const override { return in_flight_.forget_count(); }
  absl::StatusOr<uint64_t> Forget(absl::string_view jid,
                                  bool suppress) override;
  void SetChangeListener(std::function<void()> listener) override;
  absl::Status Tie(absl::Span<const ContactTie> ties) override;
  absl::StatusOr<Untied> Untie(absl::string_view jid, uint32_t tenant,
                               bool erase_untied) override;
  absl::StatusOr<std::vector<StoredObjection>> ListObjections(
      absl::string_view after, size_t limit) override {
    return replica_->pictures().ListObjections(after, limit);
  }
  std::string ObjectionIdOf(absl::string_view jid) const override {
    return replica_->pictures().ObjectionIdOf(jid);
  }
  absl::StatusOr<uint64_t> RemoveObjection(absl::string_view id) override;
  std::vector<FamilySize> Sizes() const override {
    return replica_->pictures().Sizes();
  }

  // Writes values of other kinds than those of contacts. Errors: UNAVAILABLE;
  // some of them may be stored.
  absl::Status Write(std::vector<LogEntry> entries);

  ClusterLog& log() { return *log_; }
  Replica& replica() { return *replica_; }

 private:
  using Jids = std::vector<std::string>;  // of one contact
  using Group = std::shared_ptr<WriteGroup>;

  ClusterPictureStore(Clock clock, std::unique_ptr<Replica> replica);

  // Null if there is nothing to write.
  absl::StatusOr<Group> Publish(std::vector<LogEntry> entries,
                                uint64_t generation)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::StatusOr<std::vector<Outcome>> Await(const Group& group);
  // Writes what this node has stored under each key again.
  void Repair(const std::vector<std::string>& keys);
  absl::StatusOr<uint64_t> ForgetContact(absl::string_view jid, bool suppress,
                                         absl::string_view other);
  void CallListener();

  const Clock clock_;
  const std::unique_ptr<Replica> replica_;
  InFlight in_flight_;

  absl::Mutex listener_mu_;
  std::function<void()> listener_ ABSL_GUARDED_BY(listener_mu_);

  // A writer holds it from its first read of `in_flight_` until its own writes
  // are added there, but not while it waits for the log.
  absl::Mutex mu_;
  std::unique_ptr<ClusterLog> log_;  // constant once the store is open
};

}  // namespace portrait::cluster

#endif  // PORTRAIT_CORE_CLUSTER_CLUSTER_PICTURE_STORE_H_
