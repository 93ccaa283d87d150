#include "server/open_streams.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace portrait {

std::shared_ptr<OpenStreams> OpenStreams::Start(boost::asio::io_context& io,
                                                OpenStreamsOptions options) {
  std::shared_ptr<OpenStreams> streams(new OpenStreams(io, options));
  streams->ScheduleTick();
  return streams;
}

OpenStreams::OpenStreams(boost::asio::io_context& io,
                         OpenStreamsOptions options)
    : options_(options), timer_(io) {}

void OpenStreams::ScheduleTick() {
  timer_.expires_after(absl::ToChronoNanoseconds(options_.tick));
  timer_.async_wait(
      [weak = weak_from_this()](const boost::system::error_code& ec) {
        if (ec) return;
        // The ticks end when the owner has released the object.
        if (auto self = weak.lock()) {
          self->Tick();
          self->ScheduleTick();
        }
      });
}

// Starts with a different stream each time: streams of one tenant share its
// rate, and the first one takes the available tokens.
void OpenStreams::Tick() {
  std::vector<std::shared_ptr<OpenStream>> streams = All();
  if (streams.empty()) return;
  std::rotate(
      streams.begin(),
      streams.begin() + static_cast<ptrdiff_t>(ticks_++ % streams.size()),
      streams.end());
  for (const auto& stream : streams) stream->OnTick();
}

absl::Status OpenStreams::Add(const std::shared_ptr<OpenStream>& stream,
                              const std::string& tenant) {
  absl::MutexLock lock(&mu_);
  if (shutting_down_) return shutdown_status_;
  if (streams_.size() >= kMaxOpenStreams) {
    return absl::ResourceExhaustedError(
        absl::StrCat("too many open gRPC streams: at most ", kMaxOpenStreams));
  }
  size_t& of_tenant = by_tenant_[tenant];
  if (of_tenant >= options_.max_streams_of_tenant) {
    return absl::ResourceExhaustedError(
        absl::StrCat("tenant ", tenant, " has ", of_tenant,
                     " open gRPC streams, the limit"));
  }
  ++of_tenant;
  streams_.emplace(stream.get(), Entry{stream, tenant});
  return absl::OkStatus();
}

void OpenStreams::Remove(const OpenStream* stream) {
  absl::MutexLock lock(&mu_);
  const auto found = streams_.find(stream);
  if (found == streams_.end()) return;  // the stream was refused
  const auto of_tenant = by_tenant_.find(found->second.tenant);
  if (--of_tenant->second == 0) by_tenant_.erase(of_tenant);
  streams_.erase(found);
}

void OpenStreams::Shutdown(const absl::Status& why) {
  {
    absl::MutexLock lock(&mu_);
    if (!shutting_down_) shutdown_status_ = why;
    shutting_down_ = true;
  }
  for (const auto& stream : All()) stream->OnShutdown();
}

absl::Status OpenStreams::shutdown_status() const {
  absl::MutexLock lock(&mu_);
  return shutdown_status_;
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
  for (const auto& [key, entry] : streams_) {
    if (auto stream = entry.stream.lock()) all.push_back(std::move(stream));
  }
  return all;
}

}  // namespace portrait
