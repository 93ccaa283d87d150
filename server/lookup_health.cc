#include "server/lookup_health.h"

#include <unistd.h>

#include <csignal>

#include "core/base/telemetry.h"
#include "portrait/v1/profile_picture.grpc.pb.h"

namespace portrait {
namespace {

// Longer than any backoff before a reconnect, but shorter than a ban.
constexpr absl::Duration kSoon = absl::Minutes(20);

}  // namespace

std::shared_ptr<LookupHealth> LookupHealth::Start(
    boost::asio::io_context& io, grpc::HealthCheckServiceInterface& service,
    const SessionDirectory& sessions, StoreMaintenance& store,
    absl::Duration interval) {
  std::shared_ptr<LookupHealth> health(
      new LookupHealth(io, service, sessions, store, interval));
  health->CheckNow();
  health->ScheduleNext();
  return health;
}

void LookupHealth::Stop() {
  absl::MutexLock lock(&mu_);
  service_ = nullptr;
}

void LookupHealth::CheckNow() {
  absl::MutexLock lock(&mu_);
  if (service_ == nullptr) return;
  const bool serves = CanServe();
  if (told_ == serves) return;
  told_ = serves;
  service_->SetServingStatus(v1::ProfilePictureService::service_full_name(),
                             serves);
}

bool LookupHealth::CanServe() {
  const absl::Status writes = store_.CheckWrites();
  if (absl::IsAborted(writes) && !has_left_) {
    has_left_ = true;
    LogError("{}: stopping", std::string(writes.message()));
    kill(getpid(), SIGTERM);
  }
  if (!writes.ok()) return false;
  const SessionDirectory::Availability accounts = sessions_.GetAvailability("");
  return accounts.linked > 0 && accounts.next_ready < absl::Now() + kSoon;
}

void LookupHealth::ScheduleNext() {
  timer_.expires_after(absl::ToChronoNanoseconds(interval_));
  timer_.async_wait(
      [weak = weak_from_this()](const boost::system::error_code& ec) {
        if (ec) return;
        // The repetition ends when the owner has released the object.
        if (const auto self = weak.lock()) {
          self->CheckNow();
          self->ScheduleNext();
        }
      });
}

}  // namespace portrait
