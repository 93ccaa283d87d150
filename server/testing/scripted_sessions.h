// Replaces WhatsApp in service tests: accounts that answer by a script.
#ifndef PORTRAIT_SERVER_TESTING_SCRIPTED_SESSIONS_H_
#define PORTRAIT_SERVER_TESTING_SCRIPTED_SESSIONS_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "core/lookup/scheduler.h"
#include "core/session/session_pool.h"

namespace portrait {

// One account, "alpha", whose tasks a thread answers by the script.
class ScriptedSessions final : public SessionPool {
 public:
  using Answer = std::variant<Observation, LookupFailure>;
  using Script = std::function<Answer(const ContactTask&)>;

  explicit ScriptedSessions(Scheduler& work);
  ~ScriptedSessions() override { Stop(absl::ZeroDuration()); }

  // Without a script, every contact has the picture "id-USER".
  void SetScript(Script script);
  void SetLinked(bool linked) { linked_ = linked; }
  // While held, the account takes no tasks.
  void Hold(bool held) { held_ = held; }
  size_t taken() const { return taken_; }
  // The observer of the latest Pair; null before the first.
  std::shared_ptr<PairingObserver> pairing() const;
  std::string pairing_number() const;
  bool pairing_abandoned() const { return abandoned_; }

  absl::Status Start() override { return absl::OkStatus(); }
  void Stop(absl::Duration timeout) override;
  absl::StatusOr<std::function<void()>> Pair(
      PairingRequest request,
      std::shared_ptr<PairingObserver> observer) override;
  absl::StatusOr<PairingQrCode> GetQrCode(
      const std::string& name) const override;
  std::vector<v1::Session> List() const override;
  absl::StatusOr<v1::Session> Get(const std::string& name) const override;
  absl::StatusOr<v1::Session> Pause(const std::string& name) override;
  absl::StatusOr<v1::Session> Resume(const std::string& name) override;
  absl::StatusOr<v1::Session> SetProxy(const std::string& name,
                                       const std::string& proxy) override;
  Secret ProxyOf(const std::string& name) const override;
  // Sets the URL that ProxyOf returns for "alpha".
  void SetProxyUrl(const std::string& url);
  void Forget(const std::vector<whatsapp::Jid>& contacts) override;
  std::vector<std::string> forgotten() const;
  void Logout(const std::string& name,
              std::function<void(absl::Status)> done) override;
  Availability GetAvailability(const std::string& session) const override;
  bool Exists(const std::string& session) const override;
  bool IsOwn(const whatsapp::Jid& jid) const override;

 private:
  void Work();

  Scheduler& work_;
  std::atomic<bool> linked_ = true, held_ = false, stop_ = false,
                    abandoned_ = false;
  std::atomic<size_t> taken_ = 0;
  mutable absl::Mutex mu_;
  Script script_ ABSL_GUARDED_BY(mu_);
  std::string proxy_url_ ABSL_GUARDED_BY(mu_);
  v1::SessionState state_ ABSL_GUARDED_BY(mu_) = v1::SESSION_STATE_READY;
  std::shared_ptr<PairingObserver> pairing_ ABSL_GUARDED_BY(mu_);
  std::string pairing_number_ ABSL_GUARDED_BY(mu_);
  std::vector<std::string> forgotten_ ABSL_GUARDED_BY(mu_);
  std::thread thread_;
};

// The picture `id` of the task's contact, as seen now.
Observation Seen(const ContactTask& task, const std::string& id);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_TESTING_SCRIPTED_SESSIONS_H_
