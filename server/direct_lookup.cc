#include "server/direct_lookup.h"

#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "server/call_gate.h"
#include "server/call_observer.h"
#include "server/message_bytes.h"
#include "server/picture_lookup.h"

namespace portrait {
namespace {

class DirectPicture final : public DirectLookup, public PictureLookup {
 public:
  DirectPicture(const Backends& backends, CallVerdict verdict)
      : PictureLookup(backends, std::move(verdict.caller)),
        allowed_(std::move(verdict.status)),
        observed_(backends.metrics, kGetPictureMethod, /*is_unary=*/true) {}

  void Begin(const DirectCall& call) {
    observed_.Begin(call.request_id, call.trace_parent);
    v1::GetProfilePictureRequest request;
    if (!allowed_.ok()) {
      End(allowed_);
    } else if (!request.ParseFromArray(call.request.data(),
                                       static_cast<int>(call.request.size()))) {
      End(MalformedMessage(request));
    } else if (call.deadline <= absl::Now()) {
      End(absl::DeadlineExceededError("the deadline has passed"));
    } else {
      Ask(std::move(request), call.deadline);
    }
  }

  bool HasEnded() const override {
    absl::MutexLock lock(&mu_);
    return has_ended_;
  }
  bool WaitFor(std::function<void()> done) override {
    absl::MutexLock lock(&mu_);
    if (has_ended_) return false;
    done_ = std::move(done);
    return true;
  }
  void GiveUp(const absl::Status& why) override { End(why); }
  DirectAnswer TakeAnswer() override {
    absl::MutexLock lock(&mu_);
    return std::move(answer_);
  }

 private:
  void OnAnswer(const absl::Status& status,
                absl::string_view picture) override {
    observed_.End(status.code());
    DirectAnswer answer{status, "", observed_.request_id(),
                        observed_.trace_parent()};
    if (status.ok()) {
      answer.response = absl::StrCat(ResponseHeadFor(picture), picture);
    }
    std::function<void()> done;
    {
      absl::MutexLock lock(&mu_);
      answer_ = std::move(answer);
      has_ended_ = true;
      done = std::move(done_);
    }
    if (done != nullptr) done();
  }

  const absl::Status allowed_;
  ObservedCall observed_;

  mutable absl::Mutex mu_;
  bool has_ended_ ABSL_GUARDED_BY(mu_) = false;
  DirectAnswer answer_ ABSL_GUARDED_BY(mu_);
  std::function<void()> done_ ABSL_GUARDED_BY(mu_);
};

}  // namespace

std::shared_ptr<DirectLookup> DirectLookup::Start(const Backends& backends,
                                                  const DirectCall& call) {
  auto lookup = std::make_shared<DirectPicture>(
      backends,
      JudgeCall(backends.access, kGetPictureMethod, call.authorizations));
  lookup->Begin(call);
  return lookup;
}

}  // namespace portrait
