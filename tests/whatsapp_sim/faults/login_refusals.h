// Logins that a test wants to be refused.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_FAULTS_LOGIN_REFUSALS_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_FAULTS_LOGIN_REFUSALS_H_

#include <cstdint>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "core/whatsapp/node.h"

namespace portrait::sim {

// Thread-safe.
class LoginRefusals {
 public:
  // Answers the next `count` logins of that account with `failure`.
  void Set(uint64_t number, uint32_t count, whatsapp::Node failure) {
    absl::MutexLock lock(&mu_);
    refusals_[number] = {count, std::move(failure)};
  }

  // The <failure> for a login; nothing: the login is accepted.
  std::optional<whatsapp::Node> Take(uint64_t number) {
    absl::MutexLock lock(&mu_);
    const auto found = refusals_.find(number);
    if (found == refusals_.end() || found->second.left == 0) {
      return std::nullopt;
    }
    --found->second.left;
    return found->second.failure;
  }

 private:
  struct Refusal {
    uint32_t left;
    whatsapp::Node failure;
  };

  absl::Mutex mu_;
  absl::flat_hash_map<uint64_t, Refusal> refusals_ ABSL_GUARDED_BY(mu_);
};

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_FAULTS_LOGIN_REFUSALS_H_
