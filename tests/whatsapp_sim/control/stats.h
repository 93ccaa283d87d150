// What happened in the simulated network so far.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_CONTROL_STATS_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_CONTROL_STATS_H_

#include <atomic>
#include <cstdint>

#include "core/whatsapp/noise.h"

namespace portrait::sim {

// Thread-safe.
struct Stats {
  std::atomic<uint32_t> connections = 0;  // now
  std::atomic<uint64_t> logins = 0;
  std::atomic<uint64_t> pairings = 0;
  // By how their handshake went: in full (XX), resumed with the key the client
  // knew (IK), in full because that key was another (XXfallback).
  std::atomic<uint64_t> full_handshakes = 0;
  std::atomic<uint64_t> resumed_handshakes = 0;
  std::atomic<uint64_t> fallback_handshakes = 0;
  // Queries count when they arrive, whatever they are answered.
  std::atomic<uint64_t> usync_queries = 0;
  std::atomic<uint64_t> usync_users = 0;
  std::atomic<uint64_t> picture_queries = 0;
  // Of those, about a number that is not on WhatsApp.
  std::atomic<uint64_t> unregistered_picture_queries = 0;
  std::atomic<uint64_t> group_queries = 0;    // for many groups at once
  std::atomic<uint64_t> channel_queries = 0;  // not among picture_queries
  std::atomic<uint64_t> rate_limited = 0;
  std::atomic<uint64_t> protocol_errors = 0;
  std::atomic<uint64_t> images_served = 0;
  // Presence, receipts, messages: what other people may notice.
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
