// VersionKeeper knows the web client version that accounts announce, and
// updates it from WhatsApp's page.
#ifndef PORTRAIT_CORE_SESSION_VERSION_KEEPER_H_
#define PORTRAIT_CORE_SESSION_VERSION_KEEPER_H_

#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "core/session/version_page.h"
#include "core/whatsapp/client_payload.h"

namespace portrait {

// The version never decreases. The page is fetched only when an account is
// about to connect, at most once per `interval`, on a separate thread: no
// session waits for it.
//
// Thread-safe.
class VersionKeeper {
 public:
  struct Options {
    whatsapp::ClientVersion at_least;
    VersionPageOptions page;  // without a URL, the version does not change
    // The file that keeps the newest version over restarts; empty: none.
    std::string file;
    absl::Duration interval = absl::Hours(24);
    // The interval while WhatsApp refuses the newest known version, or after
    // the page could not be fetched.
    absl::Duration retry_interval = absl::Minutes(30);
  };

  explicit VersionKeeper(Options options);
  ~VersionKeeper();  // cancels a running fetch
  VersionKeeper(const VersionKeeper&) = delete;
  VersionKeeper& operator=(const VersionKeeper&) = delete;

  // The version for a connection that is about to be made.
  whatsapp::ClientVersion Get();
  // WhatsApp refused `version`. Returns true if a newer one is already known.
  bool OnRefused(const whatsapp::ClientVersion& version);
  // Whether newer versions are fetched at all.
  bool keeps_up() const { return !options_.page.url.empty(); }

  // Sets a function that is called after each newer version, on the keeper's
  // thread, until the keeper is destroyed. Set it once.
  void SetOnNewer(std::function<void()> on_newer);

 private:
  void Run();
  void Raise(uint32_t revision);
  // Whether the page must be fetched now, or the keeper is being destroyed.
  bool IsDueLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const Options options_;
  std::atomic<bool> stopping_ = false;

  absl::Mutex mu_;
  whatsapp::ClientVersion version_ ABSL_GUARDED_BY(mu_);
  bool wanted_ ABSL_GUARDED_BY(mu_) = false;
  bool refused_ ABSL_GUARDED_BY(mu_) = false;  // WhatsApp refused version_
  // By SteadyNow().
  absl::Time last_asked_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
  absl::Time next_ask_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
  std::function<void()> on_newer_ ABSL_GUARDED_BY(mu_);

  std::thread thread_;  // last, because it uses the other members
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_VERSION_KEEPER_H_
