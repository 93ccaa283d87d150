// Counters of events in the simulated network.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_CONTROL_STATS_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_CONTROL_STATS_H_

#include <atomic>
#include <cstdint>

#include "core/whatsapp/noise.h"

namespace portrait::sim {

// Thread-safe.
struct Stats {
  std::atomic<uint32_t> connections = 0;  // currently open
  std::atomic<uint64_t> logins = 0;
  // Of logins: the companion was still connected.
  std::atomic<uint64_t> replaced_logins = 0;
  std::atomic<uint64_t> pairings = 0;
  // Handshakes by kind: full (XX), resumed with the key that the client knew
  // (IK), or full because the server's key had changed (XXfallback).
  std::atomic<uint64_t> full_handshakes = 0;
  std::atomic<uint64_t> resumed_handshakes = 0;
  std::atomic<uint64_t> fallback_handshakes = 0;
  // Queries are counted when they arrive, whatever the answer is.
  std::atomic<uint64_t> usync_queries = 0;
  std::atomic<uint64_t> usync_users = 0;
  std::atomic<uint64_t> picture_queries = 0;
  // Picture queries about a number that is not on WhatsApp.
  std::atomic<uint64_t> unregistered_picture_queries = 0;
  std::atomic<uint64_t> group_queries = 0;    // for several groups at once
  std::atomic<uint64_t> channel_queries = 0;  // not included in picture_queries
  std::atomic<uint64_t> rate_limited = 0;
  std::atomic<uint64_t> protocol_errors = 0;
  std::atomic<uint64_t> images_served = 0;
  // Presence, receipts and messages, which other people may notice.
  std::atomic<uint64_t> noticeable_stanzas = 0;

  void Count(whatsapp::NoisePattern pattern) {
    switch (pattern) {
      case whatsapp::NoisePattern::kXX:
        ++full_handshakes;
        break;
      case whatsapp::NoisePattern::kIK:
        ++resumed_handshakes;
        break;
      case whatsapp::NoisePattern::kXXfallback:
        ++fallback_handshakes;
        break;
    }
  }
};

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_CONTROL_STATS_H_
