#include "client/enrich_call.h"

#include <utility>

namespace portrait::client {

// StartRead, StartWrite and the other operations may call a reaction on the
// calling thread before they return, so they must not be called while `mu_` is
// held.

EnrichCall::EnrichCall(PortraitClient& client, std::shared_ptr<Wakeup> wakeup)
    : context_(client.NewContext(absl::InfiniteDuration())),
      wakeup_(std::move(wakeup)) {
  client.pictures().async()->EnrichProfilePictures(context_.get(), this);
  AddHold();
  StartRead(&response_);
  StartCall();
}

EnrichCall::~EnrichCall() {
  context_->TryCancel();
  if (held_) RemoveHold();
  absl::MutexLock lock(&mu_);
  const auto ended = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return end_.has_value();
  };
  mu_.Await(absl::Condition(&ended));
}

bool EnrichCall::CanWrite() const {
  if (sending_closed_) return false;
  absl::MutexLock lock(&mu_);
  return !writing_ && !write_failed_ && !reads_ended_;
}

void EnrichCall::Write(v1::EnrichProfilePicturesRequest request) {
  request_ = std::move(request);
  {
    absl::MutexLock lock(&mu_);
    writing_ = true;
  }
  StartWrite(&request_);
}

void EnrichCall::CloseSending() {
  sending_closed_ = true;
  StartWritesDone();
}

std::optional<v1::EnrichProfilePicturesResponse> EnrichCall::TakeResponse() {
  {
    absl::MutexLock lock(&mu_);
    if (!response_ready_) return std::nullopt;
    response_ready_ = false;
  }
  v1::EnrichProfilePicturesResponse response = std::move(response_);
  response_.Clear();
  StartRead(&response_);
  return response;
}

std::optional<absl::Status> EnrichCall::TakeEnd() {
  {
    absl::MutexLock lock(&mu_);
    if (!reads_ended_) return std::nullopt;
  }
  if (held_) {
    held_ = false;
    RemoveHold();
  }
  absl::MutexLock lock(&mu_);
  return end_;
}

void EnrichCall::OnReadDone(bool ok) {
  {
    absl::MutexLock lock(&mu_);
    (ok ? response_ready_ : reads_ended_) = true;
  }
  wakeup_->Notify();
}

void EnrichCall::OnWriteDone(bool ok) {
  {
    absl::MutexLock lock(&mu_);
    writing_ = false;
    if (!ok) write_failed_ = true;
  }
  wakeup_->Notify();
}

void EnrichCall::OnDone(const grpc::Status& status) {
  // The owner may destroy this object as soon as it sees end_.
  const std::shared_ptr<Wakeup> wakeup = wakeup_;
  {
    absl::MutexLock lock(&mu_);
    end_ = ToStatus(status);
  }
  wakeup->Notify();
}

}  // namespace portrait::client
