// A linked companion device and the server's data about it: its keys,
// unacknowledged stanzas, and the contacts it asked about.
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
#include "tests/whatsapp_sim/protocol/dirty_bits.h"
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

  // All fields but the prekeys. Constant.
  const state::StoredCompanion& identity() const { return identity_; }
  uint64_t number() const { return identity_.number(); }
  whatsapp::Jid jid() const;  // PN with device
  // Includes the prekeys, for the store.
  state::StoredCompanion Snapshot() const;

  // ---- prekeys
  // Errors: those of Broken(), for an id that belonged to another key.
  absl::Status AddPrekeys(const std::map<uint32_t, std::string>& prekeys);
  // Takes prekeys as other devices do for their first message. Returns how many
  // are left.
  size_t TakePrekeys(size_t count);
  size_t prekey_count() const;
  void SetSignedPrekey(state::StoredCompanion::SignedPrekey prekey);

  // ---- the connection
  struct Attachment {
    std::shared_ptr<Session> replaced;    // the previous connection, or null
    std::vector<whatsapp::Node> waiting;  // stanzas not acknowledged yet
  };
  // `session` delivers stanzas from now on.
  Attachment Attach(const std::shared_ptr<Session>& session);
  // The session attached last, or null if it has ended.
  std::shared_ptr<Session> session() const;

  // ---- stanzas that need an ack
  // Delivers `stanza` (with id and from) now or at the next login, and again
  // until it is acknowledged.
  void Deliver(whatsapp::Node stanza);
  // The stanza was sent on the current connection.
  void NoteDelivered(const std::string& id);
  // Errors: those of Broken(); see OwedAcks::Settle.
  absl::Status Acknowledge(const whatsapp::Node& ack);
  size_t unacknowledged() const;
  // Returns a stanza that was sent before `time` and has no ack.
  std::optional<whatsapp::Node> FindUnacknowledged(absl::Time time) const;

  // ---- dirty bits
  void SetDirty(absl::string_view type, absl::Time since);
  // See DirtyBits::Stanzas.
  std::vector<whatsapp::Node> DirtyStanzas() const;
  // Errors: those of Broken(); see DirtyBits::Clear.
  absl::Status ClearDirty(const whatsapp::Node& clean);
  size_t dirty_bits() const;

  // ---- contacts that it has asked about, and so is notified about
  void Remember(uint64_t subject);
  bool Remembers(uint64_t subject) const;

  // A usync protocol has failed: the companion must not ask for it again for
  // `backoff`.
  void LeaveAlone(const std::string& protocol, absl::Time now,
                  absl::Duration backoff);
  // Returns false if the protocol must not be asked for, unless the query may
  // have been sent before the client read the error.
  bool IsLeftAlone(const std::string& protocol, absl::Time now) const;

  // Takes a token from a bucket that gets `rate` tokens per second and holds
  // those of one second. Returns zero, or the wait until there is a token.
  absl::Duration Admit(double rate, absl::Time now);

 private:
  state::StoredCompanion identity_;  // constant after construction

  mutable absl::Mutex mu_;
  google::protobuf::Map<uint32_t, std::string> prekeys_ ABSL_GUARDED_BY(mu_);
  // The prekeys that were taken since the start, by id.
  absl::flat_hash_map<uint32_t, std::string> taken_ ABSL_GUARDED_BY(mu_);
  state::StoredCompanion::SignedPrekey signed_prekey_ ABSL_GUARDED_BY(mu_);
  std::weak_ptr<Session> session_ ABSL_GUARDED_BY(mu_);
  OwedAcks owed_ ABSL_GUARDED_BY(mu_);
  DirtyBits dirty_ ABSL_GUARDED_BY(mu_);
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
