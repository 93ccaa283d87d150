// What happened in the simulated network so far.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_STATS_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_STATS_H_

#include <atomic>
#include <cstdint>

namespace portrait::sim {

// Thread-safe.
struct Stats {
  std::atomic<uint32_t> connections = 0;  // now
  std::atomic<uint64_t> logins = 0;
  std::atomic<uint64_t> pairings = 0;
  // Queries count when they arrive, whatever they are answered.
  std::atomic<uint64_t> usync_queries = 0;
  std::atomic<uint64_t> usync_users = 0;
  std::atomic<uint64_t> picture_queries = 0;
  // Of those, about a number that is not on WhatsApp.
  std::atomic<uint64_t> unregistered_picture_queries = 0;
  std::atomic<uint64_t> rate_limited = 0;
  std::atomic<uint64_t> protocol_errors = 0;
  std::atomic<uint64_t> images_served = 0;
};

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_STATS_H_
