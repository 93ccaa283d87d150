// ImageHealth reports to health checks whether images can be kept: SERVING
// while their folder or bucket can be written.
#ifndef PORTRAIT_SERVER_IMAGE_HEALTH_H_
#define PORTRAIT_SERVER_IMAGE_HEALTH_H_

#include <memory>
#include <optional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "grpcpp/health_check_service_interface.h"
#include "server/images.h"

namespace portrait {

// The name by which health checks ask for images. A server that keeps none does
// not know it.
inline constexpr char kImagesHealthName[] = "portrait.v1.Images";

// Thread-safe. Held by shared_ptr, because the timer's handler and a write may
// outlive the owner. Borrows the other arguments until Stop; `images` must
// outlive its posted work.
class ImageHealth : public std::enable_shared_from_this<ImageHealth> {
 public:
  struct Pace {
    // What the last operation on images met is reported this often.
    absl::Duration check = absl::Milliseconds(250);
    // A place is written to this often, if it works and if it does not: there
    // may be no other operations.
    absl::Duration probe = absl::Minutes(1), retry = absl::Seconds(10);
  };

  // Reports now, and again at this pace, on `io`, which the caller runs.
  static std::shared_ptr<ImageHealth> Start(
      boost::asio::io_context& io, grpc::HealthCheckServiceInterface& service,
      Images& images, Pace pace);

  // Stops checking and reporting.
  void Stop();

 private:
  ImageHealth(boost::asio::io_context& io,
              grpc::HealthCheckServiceInterface& service, Images& images,
              Pace pace)
      : pace_(pace), timer_(io), service_(&service), images_(images) {}

  void Check();
  void Report();
  void ScheduleNext();

  const Pace pace_;
  boost::asio::steady_timer timer_;  // used by one handler at a time

  absl::Mutex mu_;
  grpc::HealthCheckServiceInterface* service_ ABSL_GUARDED_BY(mu_);
  Images& images_;
  // The last reported state; nullopt before the first report.
  std::optional<bool> told_ ABSL_GUARDED_BY(mu_);
  bool is_probing_ ABSL_GUARDED_BY(mu_) = false;
  absl::Time last_probe_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_IMAGE_HEALTH_H_
