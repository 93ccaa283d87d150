// OpenStreams knows every stream that is open, for what concerns all of them:
// the tick by which they pace heartbeats and progress, and the shutdown.
#ifndef PORTRAIT_SERVER_OPEN_STREAMS_H_
#define PORTRAIT_SERVER_OPEN_STREAMS_H_

#include <cstddef>
#include <memory>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace portrait {

inline constexpr absl::Duration kStreamTick = absl::Milliseconds(250);
// A bulk stream holds a few MiB at most; this bounds them all.
inline constexpr size_t kMaxOpenStreams = 2000;

// Called from any thread.
class OpenStream {
 public:
  virtual ~OpenStream() = default;
  virtual void OnTick() = 0;
  // End soon, with ShuttingDownStatus(). Idempotent.
  virtual void OnShutdown() = 0;
};

// Thread-safe. Held by shared_ptr, as the timer's handler may outlive its
// owner.
class OpenStreams : public std::enable_shared_from_this<OpenStreams> {
 public:
  // Ticks on `io`, which the caller runs.
  static std::shared_ptr<OpenStreams> Start(boost::asio::io_context& io,
                                            absl::Duration tick);

  // Until Remove. Errors: UNAVAILABLE (shutting down), RESOURCE_EXHAUSTED.
  absl::Status Add(const std::shared_ptr<OpenStream>& stream);
  void Remove(const OpenStream* stream);

  // Tells all streams to end, and refuses new ones.
  void Shutdown();
  // False when streams are still open after `timeout`.
  bool WaitUntilEmpty(absl::Duration timeout);
  size_t size() const;
  absl::Duration tick() const { return tick_; }

 private:
  OpenStreams(boost::asio::io_context& io, absl::Duration tick);

  void ScheduleTick();
  void Tick();
  std::vector<std::shared_ptr<OpenStream>> All() const;

  const absl::Duration tick_;
  boost::asio::steady_timer timer_;  // touched by one handler at a time

  mutable absl::Mutex mu_;
  absl::flat_hash_map<const OpenStream*, std::weak_ptr<OpenStream>> streams_
      ABSL_GUARDED_BY(mu_);
  bool shutting_down_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_OPEN_STREAMS_H_
