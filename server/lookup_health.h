// LookupHealth tells health checks whether lookups can be served: SERVING
// while an account is linked that works, or soon will again by itself.
#ifndef PORTRAIT_SERVER_LOOKUP_HEALTH_H_
#define PORTRAIT_SERVER_LOOKUP_HEALTH_H_

#include <memory>
#include <optional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "core/work/session_directory.h"
#include "grpcpp/health_check_service_interface.h"

namespace portrait {

// Thread-safe. Held by shared_ptr, as the timer's handler may outlive its
// owner. Borrows `service` and `sessions` until Stop.
//
// The server itself ("") and the other services are not its concern: a server
// without accounts answers from the store, and can be linked to one.
class LookupHealth : public std::enable_shared_from_this<LookupHealth> {
 public:
  // Looks now, and again every `interval`, on `io`, which the caller runs.
  static std::shared_ptr<LookupHealth> Start(
      boost::asio::io_context& io, grpc::HealthCheckServiceInterface& service,
      const SessionDirectory& sessions, absl::Duration interval);

  // Says nothing more.
  void Stop();

 private:
  LookupHealth(boost::asio::io_context& io,
               grpc::HealthCheckServiceInterface& service,
               const SessionDirectory& sessions, absl::Duration interval)
      : interval_(interval),
        timer_(io),
        service_(&service),
        sessions_(sessions) {}

  void Look();
  void ScheduleNext();

  const absl::Duration interval_;
  boost::asio::steady_timer timer_;  // touched by one handler at a time

  absl::Mutex mu_;
  grpc::HealthCheckServiceInterface* service_ ABSL_GUARDED_BY(mu_);
  // Nothing before the first look. gRPC sends a message to every watcher each
  // time it is told, also if nothing has changed.
  std::optional<bool> told_ ABSL_GUARDED_BY(mu_);
  const SessionDirectory& sessions_;
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_LOOKUP_HEALTH_H_
