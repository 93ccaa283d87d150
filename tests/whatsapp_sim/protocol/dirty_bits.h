// The parts of an account's data that a companion has to fetch again. The
// server sends them at each login until the companion has cleared them.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_DIRTY_BITS_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_DIRTY_BITS_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "core/whatsapp/node.h"

namespace portrait::sim {

// Thread-compatible.
class DirtyBits {
 public:
  void Set(absl::string_view type, uint64_t unix_seconds);
  // One <dirty> for each bit that is set.
  std::vector<whatsapp::Node> Stanzas() const;
  // Applies a <clean>. One with an older timestamp leaves the bit set.
  //
  // Errors: those of Broken() for a type that was never sent and for a later
  // timestamp.
  absl::Status Clear(const whatsapp::Node& clean);
  size_t size() const { return bits_.size(); }

 private:
  std::map<std::string, uint64_t> bits_;  // by type; Unix seconds
  std::set<std::string> told_;  // all types sent so far, cleared or not
};

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_DIRTY_BITS_H_
