// A linked companion device and what the server keeps for it: its keys, the
// stanzas it has not acknowledged, and the contacts it asked about.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_COMPANION_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_COMPANION_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "core/whatsapp/jid.h"
#include "core/whatsapp/node.h"
#include "simulator_state.pb.h"
#include "tests/whatsapp_sim/protocol/owed_acks.h"

namespace portrait::sim {

class Session;

// Thread-safe.
class Companion {
 public:
  explicit Companion(state::StoredCompanion stored)
      : identity_(std::move(stored)) {
    prekeys_.swap(*identity_.mutable_prekeys());
    signed_prekey_.Swap(identity_.mutable_signed_prekey());
  }

  // All but the prekeys, of both kinds. Constant.
  const state::StoredCompanion& identity() const { return identity_; }
  uint64_t number() const { return identity_.number(); }
  whatsapp::Jid jid() const;  // PN with device
  // With the prekeys, for the store.
  state::StoredCompanion Snapshot() const;

  // ---- prekeys
  // Errors: those of Broken(), for an id that another key has had.
  absl::Status AddPrekeys(const std::map<uint32_t, std::string>& prekeys);
  // Others take one each to send this device a first message. How many are
  // left.
  size_t TakePrekeys(size_t count);
  size_t prekey_count() const;
  void SetSignedPrekey(state::StoredCompanion::SignedPrekey prekey);

  // ---- the connection
  struct Attachment {
    std::shared_ptr<Session> replaced;    // was connected until now, or null
    std::vector<whatsapp::Node> waiting;  // not acknowledged so far
  };
  // `session` is the one that Deliver()s from now on.
  Attachment Attach(const std::shared_ptr<Session>& session);
  // The one attached last, or null when it is gone.
  std::shared_ptr<Session> session() const;

  // ---- stanzas owed an ack
  // Delivers `stanza` (with id and from) now, or at the next login, and again
  // until acknowledged.
  void Deliver(whatsapp::Node stanza);
  // It went out on the connection of now.
  void NoteDelivered(const std::string& id);
  // Errors: those of Broken(); see OwedAcks::Settle.
  absl::Status Acknowledge(const whatsapp::Node& ack);
  size_t unacknowledged() const;
  // A stanza that went out before `time` and has no ack.
  std::optional<whatsapp::Node> FindUnacknowledged(absl::Time time) const;

  // ---- contacts asked about: those whose changes it hears of
  void Remember(uint64_t subject);
  bool Remembers(uint64_t subject) const;

  // A protocol of usync that failed is not to be asked again for that long.
  void LeaveAlone(const std::string& protocol, absl::Time now,
                  absl::Duration backoff);
  // False when it is asked all the same, and not by a query that was on its way
  // when the client was told.
  bool IsLeftAlone(const std::string& protocol, absl::Time now) const;

  // Takes a token of a bucket that refills with `rate` a second and holds a
  // second's worth. Zero when there was one; else how long to wait for it.
  absl::Duration Admit(double rate, absl::Time now);

 private:
  state::StoredCompanion identity_;  // Constant after construction.

  mutable absl::Mutex mu_;
  google::protobuf::Map<uint32_t, std::string> prekeys_ ABSL_GUARDED_BY(mu_);
  // Those that were taken; since the start.
  absl::flat_hash_map<uint32_t, std::string> taken_ ABSL_GUARDED_BY(mu_);
  state::StoredCompanion::SignedPrekey signed_prekey_ ABSL_GUARDED_BY(mu_);
  std::weak_ptr<Session> session_ ABSL_GUARDED_BY(mu_);
  OwedAcks owed_ ABSL_GUARDED_BY(mu_);
  absl::flat_hash_set<uint64_t> contacts_ ABSL_GUARDED_BY(mu_);
  struct Backoff {
    absl::Time told_at, ends_at;
  };
  absl::flat_hash_map<std::string, Backoff> backoffs_ ABSL_GUARDED_BY(mu_);
  double tokens_ ABSL_GUARDED_BY(mu_) = 0;
  absl::Time refilled_at_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
};

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_COMPANION_H_
