// OwedAcks holds the stanzas for a companion, sent or not, that it has not
// acknowledged.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_OWED_ACKS_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_OWED_ACKS_H_

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/whatsapp/jid.h"
#include "core/whatsapp/node.h"

namespace portrait::sim {

// Thread-compatible.
class OwedAcks {
 public:
  // `stanza` must have an id and a from.
  void Add(whatsapp::Node stanza);
  // A new connection: no stanza has been delivered on it yet. Returns all of
  // them.
  std::vector<whatsapp::Node> Restart();
  // The stanza was sent on the connection.
  void NoteDelivered(const std::string& id, absl::Time now);

  // Removes the acknowledged stanza. `own` is the companion's JID.
  //
  // Errors: those of Broken(), for an <ack> that matches no stanza or does not
  // repeat the required attributes; the stanza then stays.
  absl::Status Settle(const whatsapp::Node& ack, const whatsapp::Jid& own);

  size_t size() const { return stanzas_.size(); }
  // Returns a stanza that was delivered before `time`.
  std::optional<whatsapp::Node> DeliveredBefore(absl::Time time) const;

 private:
  std::deque<whatsapp::Node> stanzas_;
  absl::flat_hash_map<std::string, absl::Time> delivered_;  // by id
};

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_OWED_ACKS_H_
