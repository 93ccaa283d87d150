// Keepalive decides when a quiet connection is asked whether it still lives,
// and when it is taken for dead.
#ifndef PORTRAIT_CORE_WHATSAPP_KEEPALIVE_H_
#define PORTRAIT_CORE_WHATSAPP_KEEPALIVE_H_

#include <optional>

#include "absl/time/time.h"

namespace portrait::whatsapp {

// Pure: told what happens and the time, which may come from any clock that does
// not jump. Thread-compatible.
class Keepalive {
 public:
  struct Options {
    absl::Duration interval;    // see ConnectionOptions::keepalive_interval
    absl::Duration dead_after;  // see there
  };

  Keepalive(Options options, absl::Time now);

  void OnReceived(absl::Time now);
  // Something went out. WhatsApp Web counts from the first of these without an
  // answer: later ones must not hide that the line is half open.
  void OnSent(absl::Time now);

  enum class Action { kNone, kPing, kDead };
  // What to do now. kPing is said once until something is received.
  Action Decide(absl::Time now, bool requests_pending);

  // How often to ask Decide().
  absl::Duration period() const;

 private:
  Action Ping();

  const Options options_;
  absl::Time last_received_;
  // The first send since then.
  std::optional<absl::Time> unanswered_since_;
  // Of silence, before a ping.
  absl::Duration idle_limit_;
  bool pinged_ = false;
};

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_KEEPALIVE_H_
