// VersionKeeper knows which web client version accounts announce, and keeps up
// with WhatsApp's.
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

// It never goes below a version it once had. The page is asked for only when
// an account is about to connect, at most once in `interval`, on a thread of
// its own: no session waits for it.
//
// Thread-safe.
class VersionKeeper {
 public:
  struct Options {
    whatsapp::ClientVersion at_least;
    VersionPageOptions page;  // no URL: the version stays what it is
    // Where the newest version seen is kept between runs; empty: nowhere.
    std::string file;
    absl::Duration interval = absl::Hours(24);
    // Instead while WhatsApp refuses the newest version we know, or after the
    // page was not to be had.
    absl::Duration retry_interval = absl::Minutes(30);
  };

  explicit VersionKeeper(Options options);
  ~VersionKeeper();  // ends a request that is under way
  VersionKeeper(const VersionKeeper&) = delete;
  VersionKeeper& operator=(const VersionKeeper&) = delete;

  // For a connection that is about to be made.
  whatsapp::ClientVersion Get();
  // WhatsApp refuses `version`. True when a newer one is known by now.
  bool OnRefused(const whatsapp::ClientVersion& version);
  // Whether it looks for newer versions at all.
  bool keeps_up() const { return !options_.page.url.empty(); }

  // Called after each newer version, from a thread of the keeper's, until the
  // keeper goes. Set once.
  void SetOnNewer(std::function<void()> on_newer);

 private:
  void Run();
  void Raise(uint32_t revision);
  // Whether the page is to be asked, or the keeper goes.
  bool IsDueLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const Options options_;
  std::atomic<bool> stopping_ = false;

  absl::Mutex mu_;
  whatsapp::ClientVersion version_ ABSL_GUARDED_BY(mu_);
  bool wanted_ ABSL_GUARDED_BY(mu_) = false;
  bool refused_ ABSL_GUARDED_BY(mu_) = false;  // version_ is
  absl::Time last_asked_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
  absl::Time next_ask_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
  std::function<void()> on_newer_ ABSL_GUARDED_BY(mu_);

  std::thread thread_;  // the last: it uses the others
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_VERSION_KEEPER_H_
