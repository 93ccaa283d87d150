#include "client/change_watcher.h"

#include <utility>

#include "absl/time/clock.h"
#include "client/backoff.h"

namespace portrait::client {

ChangeWatcher::ChangeWatcher(PortraitClient& client, WatchOptions options)
    : client_(client),
      options_(std::move(options)),
      resume_token_(options_.resume_token) {}

absl::Status ChangeWatcher::Run(const Sink& sink) {
  Backoff backoff(options_.first_backoff, options_.longest_backoff);
  absl::Time heard_at = absl::Now();
  while (true) {
    heard_ = false;
    absl::Status sink_status;
    absl::Status status = Follow(sink, &sink_status);
    if (!sink_status.ok()) return sink_status;
    if (cancelled()) return absl::CancelledError("cancelled");
    if (status.ok()) {
      status = absl::UnavailableError("the server ended the stream");
    }
    if (!IsTransient(status.code())) return status;
    const absl::Time now = absl::Now();
    if (heard_) {
      heard_at = now;
      backoff.Reset();
    }
    if (now - heard_at >= options_.retry_for) return status;
    if (options_.on_trouble) options_.on_trouble(status);
    wakeup_.WaitUntil(now + backoff.Next());
    if (cancelled()) return absl::CancelledError("cancelled");
  }
}

absl::Status ChangeWatcher::Follow(const Sink& sink,
                                   absl::Status* sink_status) {
  v1::WatchProfilePictureChangesRequest request;
  request.set_resume_token(resume_token_);
  for (const std::string& contact : options_.contacts) {
    request.add_contacts(contact);
  }
  const auto context = client_.NewContext(absl::InfiniteDuration());
  {
    absl::MutexLock lock(&mu_);
    if (cancelled_) return absl::CancelledError("cancelled");
    context_ = context.get();
  }
  const auto reader =
      client_.pictures().WatchProfilePictureChanges(context.get(), request);
  v1::WatchProfilePictureChangesResponse response;
  while (sink_status->ok() && reader->Read(&response)) {
    heard_ = true;
    *sink_status = sink(response);
    if (!response.resume_token().empty()) {
      resume_token_ = response.resume_token();
    }
  }
  if (!sink_status->ok()) context->TryCancel();
  const grpc::Status end = reader->Finish();
  absl::MutexLock lock(&mu_);
  context_ = nullptr;
  return ToStatus(end);
}

bool ChangeWatcher::cancelled() const {
  absl::MutexLock lock(&mu_);
  return cancelled_;
}

void ChangeWatcher::Cancel() {
  {
    absl::MutexLock lock(&mu_);
    cancelled_ = true;
    if (context_ != nullptr) context_->TryCancel();
  }
  wakeup_.Notify();
}

}  // namespace portrait::client
