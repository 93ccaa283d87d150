// Keepalive decides when to ping an idle connection, and when to consider it
// dead.
#ifndef PORTRAIT_CORE_WHATSAPP_KEEPALIVE_H_
#define PORTRAIT_CORE_WHATSAPP_KEEPALIVE_H_

#include <optional>

#include "absl/time/time.h"

namespace portrait::whatsapp {

// Pure: the caller passes the events and the time, from any monotonic clock.
// Thread-compatible.
class Keepalive {
 public:
  struct Options {
    absl::Duration interval;    // see ConnectionOptions::keepalive_interval
    absl::Duration dead_after;  // see ConnectionOptions::dead_after
  };

  Keepalive(Options options, absl::Time now);

  void OnReceived(absl::Time now);
  // Something was sent. The time counts from the first send without an answer,
  // as in WhatsApp Web: later sends must not hide a half-open connection.
  void OnSent(absl::Time now);

  enum class Action { kNone, kPing, kDead };
  // The action that is due. kPing is returned once, until something is
  // received.
  Action Decide(absl::Time now, bool requests_pending);

  // The interval at which to call Decide().
  absl::Duration period() const;

 private:
  Action Ping();

  const Options options_;
  absl::Time last_received_;
  // The time of the first send since then.
  std::optional<absl::Time> unanswered_since_;
  // The silence before a ping.
  absl::Duration idle_limit_;
  bool pinged_ = false;
};

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_KEEPALIVE_H_
