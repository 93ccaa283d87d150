// Finds the client whose code a phone has read: by the ref of a QR code, or by
// the phone number of a pairing code.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_PAIRING_DESK_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_PAIRING_DESK_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "core/whatsapp/jid.h"

namespace portrait::sim {

class Session;

// Called once with the result of a phone's attempt: the new companion's JID.
using PairingDone = std::function<void(absl::StatusOr<whatsapp::Jid>)>;

// Thread-safe.
class PairingDesk {
 public:
  void AddRef(const std::string& ref, std::weak_ptr<Session> session) {
    absl::MutexLock lock(&mu_);
    refs_[ref] = std::move(session);
  }
  void RemoveRef(const std::string& ref) {
    absl::MutexLock lock(&mu_);
    refs_.erase(ref);
  }
  // A later code for the same number replaces an earlier one.
  void AddCode(uint64_t number, std::weak_ptr<Session> session) {
    absl::MutexLock lock(&mu_);
    codes_[number] = std::move(session);
  }

  // Returns null if there is none (any more).
  std::shared_ptr<Session> FindByRef(const std::string& ref) const {
    absl::MutexLock lock(&mu_);
    const auto it = refs_.find(ref);
    return it == refs_.end() ? nullptr : it->second.lock();
  }
  std::shared_ptr<Session> FindByCode(uint64_t number) const {
    absl::MutexLock lock(&mu_);
    const auto it = codes_.find(number);
    return it == codes_.end() ? nullptr : it->second.lock();
  }

 private:
  mutable absl::Mutex mu_;
  std::map<std::string, std::weak_ptr<Session>> refs_ ABSL_GUARDED_BY(mu_);
  std::map<uint64_t, std::weak_ptr<Session>> codes_ ABSL_GUARDED_BY(mu_);
};

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_PAIRING_DESK_H_
