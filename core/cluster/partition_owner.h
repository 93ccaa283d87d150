// Which partitions of the log this node may write to, and under which epoch.
// Pure rules; ClusterLog performs what they say.
//
//          OnAssigned            own claim read
//   kNone ───────────▶ kClaiming ──────────────▶ kOwned
//     ▲                  │    ▲                    │
//     └──────────────────┴────┼────────────────────┤ Release, another's claim
//       Release,              └────────────────────┘ Claim
//       OnClaimFailed
#ifndef PORTRAIT_CORE_CLUSTER_PARTITION_OWNER_H_
#define PORTRAIT_CORE_CLUSTER_PARTITION_OWNER_H_

#include <cstdint>
#include <optional>

namespace portrait::cluster {

// The ownership of one partition. Thread-compatible. A generation is a counter
// that the node increases with each change of ownership. A write that is based
// on data read at a generation is allowed only if the node has owned the
// partition since then.
class PartitionOwner {
 public:
  enum class State { kNone, kClaiming, kOwned };

  State state() const { return state_; }
  bool is_assigned() const { return is_assigned_; }
  uint64_t epoch() const { return epoch_; }

  // The group assigned the partition to this node, or a write failed. Returns
  // the epoch to claim; `newest` is the newest one in the log.
  uint64_t Claim(uint64_t newest) {
    is_assigned_ = true;
    state_ = State::kClaiming;
    epoch_ = (newest > epoch_ ? newest : epoch_) + 1;
    return epoch_;
  }

  // The claim could not be written; another one has to follow.
  void OnClaimFailed() { state_ = State::kNone; }

  void Release() {
    is_assigned_ = false;
    state_ = State::kNone;
  }

  // A claim was read: `counts` says whether it is the newest, `is_own` whether
  // this process wrote it. Returns true if the claim must be repeated.
  bool OnClaimRead(bool counts, bool is_own, uint64_t epoch,
                   uint64_t generation) {
    if (is_own && epoch != epoch_) return false;  // an earlier one of ours
    if (is_own) {
      if (!counts) return is_assigned_;
      if (state_ == State::kClaiming) {
        state_ = State::kOwned;
        owned_since_ = generation;
      }
      return false;
    }
    // Another node took the partition over. The group says whether it has it.
    if (counts && state_ == State::kOwned) state_ = State::kNone;
    return false;
  }

  // Whether a write based on data that was read at `generation` is allowed.
  bool MayWrite(uint64_t generation) const {
    return state_ == State::kOwned && owned_since_ <= generation;
  }

 private:
  State state_ = State::kNone;
  bool is_assigned_ = false;
  uint64_t epoch_ = 0;        // of the claim
  uint64_t owned_since_ = 0;  // a generation
};

}  // namespace portrait::cluster

#endif  // PORTRAIT_CORE_CLUSTER_PARTITION_OWNER_H_
