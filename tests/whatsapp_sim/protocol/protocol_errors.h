// Collects the protocol errors of clients, which WhatsApp would refuse.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_PROTOCOL_ERRORS_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_PROTOCOL_ERRORS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "core/base/telemetry.h"
#include "tests/whatsapp_sim/protocol/rules.h"

namespace portrait::sim {

// Thread-safe.
class ProtocolErrors {
 public:
  // `who` is a masked JID or another name of the client. A status that is not
  // from Broken() is ignored.
  void Report(absl::string_view who, const absl::Status& broken) {
    const std::optional<Rule> which = RuleOf(broken);
    if (!which.has_value()) return;
    const RuleEntry& rule = EntryOf(*which);
    const std::string line = absl::StrCat("rule ", rule.name, " (", rule.asks,
                                          "): ", who, ": ", broken.message());
    LogWarning("protocol error: {}", line);
    absl::MutexLock lock(&mu_);
    ++count_;
    if (lines_.size() < kMaxLines) lines_.push_back(line);
  }

  uint64_t count() const {
    absl::MutexLock lock(&mu_);
    return count_;
  }
  // The first errors, each naming its rule.
  std::vector<std::string> lines() const {
    absl::MutexLock lock(&mu_);
    return lines_;
  }

 private:
  static constexpr size_t kMaxLines = 1000;

  mutable absl::Mutex mu_;
  uint64_t count_ ABSL_GUARDED_BY(mu_) = 0;
  std::vector<std::string> lines_ ABSL_GUARDED_BY(mu_);
};

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_PROTOCOL_ERRORS_H_
