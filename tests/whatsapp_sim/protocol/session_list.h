// The open sessions.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_SESSION_LIST_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_SESSION_LIST_H_

#include <memory>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"

namespace portrait::sim {

class Session;

// Thread-safe.
class SessionList {
 public:
  void Add(const std::shared_ptr<Session>& session) {
    absl::MutexLock lock(&mu_);
    sessions_[session.get()] = session;
  }
  void Remove(const Session* session) {
    absl::MutexLock lock(&mu_);
    sessions_.erase(session);
  }
  size_t size() const {
    absl::MutexLock lock(&mu_);
    return sessions_.size();
  }
  std::vector<std::shared_ptr<Session>> FindAll() const {
    absl::MutexLock lock(&mu_);
    std::vector<std::shared_ptr<Session>> all;
    for (const auto& [key, weak] : sessions_) {
      std::shared_ptr<Session> session = weak.lock();
      if (session != nullptr) all.push_back(std::move(session));
    }
    return all;
  }

 private:
  mutable absl::Mutex mu_;
  absl::flat_hash_map<const Session*, std::weak_ptr<Session>> sessions_
      ABSL_GUARDED_BY(mu_);
};

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_SESSION_LIST_H_
