// A linked companion device and what the server keeps for it: its keys, the
// stanzas it has not acknowledged, and the contacts it asked about.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_COMPANION_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_COMPANION_H_

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "core/whatsapp/jid.h"
#include "core/whatsapp/node.h"
#include "simulator_state.pb.h"

namespace portrait::sim {

class Session;

// Thread-safe.
class Companion {
 public:
  explicit Companion(state::StoredCompanion stored)
      : identity_(std::move(stored)) {
    prekeys_.swap(*identity_.mutable_prekeys());
  }

  // All but the prekeys. Constant.
  const state::StoredCompanion& identity() const { return identity_; }
  uint64_t number() const { return identity_.number(); }
  whatsapp::Jid jid() const;  // PN with device
  // With the prekeys, for the store.
  state::StoredCompanion Snapshot() const;

  // ---- one-time prekeys
  void AddPrekeys(const std::map<uint32_t, std::string>& prekeys);
  size_t prekey_count() const;

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
  // Errors: those of Broken(), for an <ack> that fits nothing delivered or does
  // not repeat what it must.
  absl::Status Acknowledge(const whatsapp::Node& ack);

  // ---- contacts asked about: those whose changes it hears of
  void Remember(uint64_t subject);
  bool Remembers(uint64_t subject) const;

  // Takes a token of a bucket that refills with `rate` a second and holds a
  // second's worth. Zero when there was one; else how long to wait for it.
  absl::Duration Admit(double rate, absl::Time now);

 private:
  state::StoredCompanion identity_;  // Constant after construction.

  mutable absl::Mutex mu_;
  google::protobuf::Map<uint32_t, std::string> prekeys_ ABSL_GUARDED_BY(mu_);
  std::weak_ptr<Session> session_ ABSL_GUARDED_BY(mu_);
  std::deque<whatsapp::Node> owed_ ABSL_GUARDED_BY(mu_);
  absl::flat_hash_set<uint64_t> contacts_ ABSL_GUARDED_BY(mu_);
  double tokens_ ABSL_GUARDED_BY(mu_) = 0;
  absl::Time refilled_at_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
};

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_COMPANION_H_
