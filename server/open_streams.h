// OpenStreams holds all open gRPC streams, for the tick that paces heartbeats
// and progress, and for the shutdown.
#ifndef PORTRAIT_SERVER_OPEN_STREAMS_H_
#define PORTRAIT_SERVER_OPEN_STREAMS_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/rpc_status.h"

namespace portrait {

inline constexpr absl::Duration kStreamTick = absl::Milliseconds(250);
// A bulk stream holds a few MiB at most; these limits bound their total.
inline constexpr size_t kMaxOpenStreams = 2000;
inline constexpr size_t kMaxTenantStreams = 100;

struct OpenStreamsOptions {
  absl::Duration tick = kStreamTick;
  size_t max_streams_of_tenant = kMaxTenantStreams;
  // A stream ends if no message is sent or received for this time. Zero: no
  // limit.
  absl::Duration idle_timeout = absl::Minutes(10);
};

// Methods may be called from any thread.
class OpenStream {
 public:
  virtual ~OpenStream() = default;
  virtual void OnTick() = 0;
  // Must end the stream soon with the status of OpenStreams. Idempotent.
  virtual void OnShutdown() = 0;
};

// Thread-safe. Held by shared_ptr, because the timer's handler may outlive the
// owner.
class OpenStreams : public std::enable_shared_from_this<OpenStreams> {
 public:
  // Ticks on `io`, which the caller runs.
  static std::shared_ptr<OpenStreams> Start(boost::asio::io_context& io,
                                            OpenStreamsOptions options);

  // Holds the stream until Remove. Errors: UNAVAILABLE (shutting down),
  // RESOURCE_EXHAUSTED.
  absl::Status Add(const std::shared_ptr<OpenStream>& stream,
                   const std::string& tenant);
  void Remove(const OpenStream* stream);

  // Tells all streams to end with the status `why`, and refuses new ones.
  void Shutdown(const absl::Status& why);
  // The status `why`; before Shutdown, ShuttingDownStatus().
  absl::Status shutdown_status() const;
  // Returns false if streams are still open after `timeout`.
  bool WaitUntilEmpty(absl::Duration timeout);
  size_t size() const;
  const OpenStreamsOptions& options() const { return options_; }

 private:
  struct Entry {
    std::weak_ptr<OpenStream> stream;
    std::string tenant;
  };

  OpenStreams(boost::asio::io_context& io, OpenStreamsOptions options);

  void ScheduleTick();
  void Tick();
  std::vector<std::shared_ptr<OpenStream>> All() const;

  const OpenStreamsOptions options_;
  // Used by one handler at a time.
  boost::asio::steady_timer timer_;
  size_t ticks_ = 0;

  mutable absl::Mutex mu_;
  absl::flat_hash_map<const OpenStream*, Entry> streams_ ABSL_GUARDED_BY(mu_);
  absl::flat_hash_map<std::string, size_t> by_tenant_ ABSL_GUARDED_BY(mu_);
  bool shutting_down_ ABSL_GUARDED_BY(mu_) = false;
  absl::Status shutdown_status_ ABSL_GUARDED_BY(mu_) = ShuttingDownStatus();
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_OPEN_STREAMS_H_
