// What relays tell the operator.
#ifndef PORTRAIT_SERVER_RELAY_RELAY_STATS_H_
#define PORTRAIT_SERVER_RELAY_RELAY_STATS_H_

#include <cstdint>

namespace portrait::relay {

// What happened since the start.
struct RelayStats {
  uint64_t open = 0;  // connections now, also waiting ones
  uint64_t accepted = 0;
  uint64_t refused = 0;      // at the limit, or because they led back here
  uint64_t unreachable = 0;  // no target after `target_wait`
  uint64_t bytes = 0;        // passed, in both directions

  void Add(const RelayStats& other) {
    open += other.open;
    accepted += other.accepted;
    refused += other.refused;
    unreachable += other.unreachable;
    bytes += other.bytes;
  }
};

}  // namespace portrait::relay

#endif  // PORTRAIT_SERVER_RELAY_RELAY_STATS_H_
