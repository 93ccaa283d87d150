// EnrichCall is one EnrichProfilePictures stream for a thread that must never
// block on it. Operations return immediately; `wakeup` is notified when one of
// them has completed.
#ifndef PORTRAIT_CLIENT_ENRICH_CALL_H_
#define PORTRAIT_CLIENT_ENRICH_CALL_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "client/portrait_client.h"
#include "client/wakeup.h"

namespace portrait::client {

// Confined to one thread. The client must outlive this object.
class EnrichCall final
    : private grpc::ClientBidiReactor<v1::EnrichProfilePicturesRequest,
                                      v1::EnrichProfilePicturesResponse> {
 public:
  // Opens the stream.
  EnrichCall(PortraitClient& client, std::shared_ptr<Wakeup> wakeup);
  // Cancels the stream if it has not ended, and waits until it has.
  ~EnrichCall() override;

  // Whether the stream accepts another message: the previous one has passed
  // flow control, and the stream is still open for writing.
  bool CanWrite() const;
  // Requires CanWrite().
  void Write(v1::EnrichProfilePicturesRequest request);
  // Half-closes. Requires CanWrite(), which is false from then on.
  void CloseSending();

  // Returns the next response, if one has arrived. The stream reads the next
  // response only after this one was taken, so flow control slows down a server
  // that is too fast.
  std::optional<v1::EnrichProfilePicturesResponse> TakeResponse();

  // Returns the status of the stream after it has ended and all responses were
  // taken; nullopt before that.
  std::optional<absl::Status> TakeEnd();

  void Cancel() { context_->TryCancel(); }

 private:
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnDone(const grpc::Status& status) override;

  const std::unique_ptr<grpc::ClientContext> context_;
  const std::shared_ptr<Wakeup> wakeup_;
  bool sending_closed_ = false;
  // Whether this object has called AddHold. gRPC calls OnDone only after
  // RemoveHold, so that more operations may start.
  bool held_ = true;

  // gRPC owns each of these while its read or write is in progress.
  v1::EnrichProfilePicturesRequest request_;
  v1::EnrichProfilePicturesResponse response_;

  mutable absl::Mutex mu_;
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
  bool write_failed_ ABSL_GUARDED_BY(mu_) = false;
  bool response_ready_ ABSL_GUARDED_BY(mu_) = false;
  bool reads_ended_ ABSL_GUARDED_BY(mu_) = false;
  std::optional<absl::Status> end_ ABSL_GUARDED_BY(mu_);
};

}  // namespace portrait::client

#endif  // PORTRAIT_CLIENT_ENRICH_CALL_H_
