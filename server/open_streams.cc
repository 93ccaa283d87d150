#include "server/open_streams.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/rpc_status.h"

namespace portrait {

std::shared_ptr<OpenStreams> OpenStreams::Start(boost::asio::io_context& io,
                                                absl::Duration tick) {
  std::shared_ptr<OpenStreams> streams(new OpenStreams(io, tick));
  streams->ScheduleTick();
  return streams;
}

OpenStreams::OpenStreams(boost::asio::io_context& io, absl::Duration tick)
    : tick_(tick), timer_(io) {}

void OpenStreams::ScheduleTick() {
  timer_.expires_after(absl::ToChronoNanoseconds(tick_));
  timer_.async_wait(
      [weak = weak_from_this()](const boost::system::error_code& ec) {
        if (ec) return;
        // The owner letting go is what ends the ticking.
        if (auto self = weak.lock()) {
          self->Tick();
          self->ScheduleTick();
        }
      });
}

void OpenStreams::Tick() {
  for (const auto& stream : All()) stream->OnTick();
}

absl::Status OpenStreams::Add(const std::shared_ptr<OpenStream>& stream) {
  absl::MutexLock lock(&mu_);
  if (shutting_down_) return ShuttingDownStatus();
  if (streams_.size() >= kMaxOpenStreams) {
    return absl::ResourceExhaustedError(
        absl::StrCat("too many open streams: at most ", kMaxOpenStreams));
  }
  streams_.emplace(stream.get(), stream);
  return absl::OkStatus();
}

void OpenStreams::Remove(const OpenStream* stream) {
  absl::MutexLock lock(&mu_);
  streams_.erase(stream);
}

void OpenStreams::Shutdown() {
  {
    absl::MutexLock lock(&mu_);
    shutting_down_ = true;
  }
  for (const auto& stream : All()) stream->OnShutdown();
}

bool OpenStreams::WaitUntilEmpty(absl::Duration timeout) {
  absl::MutexLock lock(&mu_);
  const auto empty = [this]() ABSL_SHARED_LOCKS_REQUIRED(mu_) {
    return streams_.empty();
  };
  return mu_.AwaitWithTimeout(absl::Condition(&empty), timeout);
}

size_t OpenStreams::size() const {
  absl::MutexLock lock(&mu_);
  return streams_.size();
}

std::vector<std::shared_ptr<OpenStream>> OpenStreams::All() const {
  std::vector<std::shared_ptr<OpenStream>> all;
  absl::MutexLock lock(&mu_);
  all.reserve(streams_.size());
  for (const auto& [key, weak] : streams_) {
    if (auto stream = weak.lock()) all.push_back(std::move(stream));
  }
  return all;
}

}  // namespace portrait
