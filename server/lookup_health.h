// LookupHealth reports to health checks whether lookups can be served: SERVING
// while the store takes writes and a linked account works, or soon will again
// without an operator.
#ifndef PORTRAIT_SERVER_LOOKUP_HEALTH_H_
#define PORTRAIT_SERVER_LOOKUP_HEALTH_H_

#include <memory>
#include <optional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "core/store/store_maintenance.h"
#include "core/work/session_directory.h"
#include "grpcpp/health_check_service_interface.h"

namespace portrait {

// Thread-safe. Held by shared_ptr, because the timer's handler may outlive the
// owner. Borrows the other arguments until Stop.
//
// If the store takes no writes until it is opened again, the process sends
// itself SIGTERM, so that it drains and its supervisor restarts it.
//
// The health of the server itself ("") and of the other services does not
// depend on this: a server without accounts still answers from the store, and
// accounts can be linked to it.
class LookupHealth : public std::enable_shared_from_this<LookupHealth> {
 public:
  // Checks now, and again every `interval`, on `io`, which the caller runs.
  static std::shared_ptr<LookupHealth> Start(
      boost::asio::io_context& io, grpc::HealthCheckServiceInterface& service,
      const SessionDirectory& sessions, StoreMaintenance& store,
      absl::Duration interval);

  // Stops checking and reporting.
  void Stop();

 private:
  LookupHealth(boost::asio::io_context& io,
               grpc::HealthCheckServiceInterface& service,
               const SessionDirectory& sessions, StoreMaintenance& store,
               absl::Duration interval)
      : interval_(interval),
        timer_(io),
        service_(&service),
        sessions_(sessions),
        store_(store) {}

  void CheckNow();
  bool CanServe() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void ScheduleNext();

  const absl::Duration interval_;
  boost::asio::steady_timer timer_;  // used by one handler at a time

  absl::Mutex mu_;
  grpc::HealthCheckServiceInterface* service_ ABSL_GUARDED_BY(mu_);
  // The last reported state; nullopt before the first check. gRPC sends a
  // message to every watcher at each report, even if the state is the same.
  std::optional<bool> told_ ABSL_GUARDED_BY(mu_);
  const SessionDirectory& sessions_;
  StoreMaintenance& store_;
  bool has_left_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_LOOKUP_HEALTH_H_
