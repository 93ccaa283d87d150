#include "server/image_health.h"

#include "core/base/steady_time.h"

namespace portrait {

std::shared_ptr<ImageHealth> ImageHealth::Start(
    boost::asio::io_context& io, grpc::HealthCheckServiceInterface& service,
    Images& images, Pace pace) {
  std::shared_ptr<ImageHealth> health(
      new ImageHealth(io, service, images, pace));
  health->Check();
  health->ScheduleNext();
  return health;
}

void ImageHealth::Stop() {
  absl::MutexLock lock(&mu_);
  service_ = nullptr;
}

void ImageHealth::Check() {
  Report();
  {
    absl::MutexLock lock(&mu_);
    const absl::Duration interval = told_ == false ? pace_.retry : pace_.probe;
    if (service_ == nullptr || is_probing_ ||
        SteadyNow() < last_probe_ + interval) {
      return;
    }
    is_probing_ = true;
  }
  images_.Post(/*tenant=*/"", [self = shared_from_this()] {
    (void)self->images_.vault().Probe();
    {
      absl::MutexLock lock(&self->mu_);
      self->is_probing_ = false;
      self->last_probe_ = SteadyNow();
    }
    self->Report();
  });
}

void ImageHealth::Report() {
  absl::MutexLock lock(&mu_);
  if (service_ == nullptr) return;
  const bool works = images_.vault().works();
  if (told_ == works) return;
  told_ = works;
  service_->SetServingStatus(kImagesHealthName, works);
}

void ImageHealth::ScheduleNext() {
  timer_.expires_after(absl::ToChronoNanoseconds(pace_.check));
  timer_.async_wait(
      [weak = weak_from_this()](const boost::system::error_code& ec) {
        if (ec) return;
        // The repetition ends when the owner has released the object.
        if (const auto self = weak.lock()) {
          self->Check();
          self->ScheduleNext();
        }
      });
}

}  // namespace portrait
