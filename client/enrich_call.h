// EnrichCall is one EnrichProfilePictures stream, as seen by a thread that must
// never be stuck in it: operations start at once, and `wakeup` says when there
// is something new to look at.
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

// Confined to one thread. Borrows the client.
class EnrichCall final
    : private grpc::ClientBidiReactor<v1::EnrichProfilePicturesRequest,
                                      v1::EnrichProfilePicturesResponse> {
 public:
  // Opens the stream.
  EnrichCall(PortraitClient& client, std::shared_ptr<Wakeup> wakeup);
  // Cancels the stream unless it has ended, and waits for its end.
  ~EnrichCall() override;

  // The previous message has left (or is held back by flow control no longer)
  // and the stream takes another.
  bool CanWrite() const;
  // Requires CanWrite().
  void Write(v1::EnrichProfilePicturesRequest request);
  // Half-closes. Requires CanWrite(), which is false from then on.
  void CloseSending();

  // The next response, if one has come. Reading goes on only as responses are
  // taken: the server is held back by flow control.
  std::optional<v1::EnrichProfilePicturesResponse> TakeResponse();

  // How the stream ended, once it has and all responses were taken.
  std::optional<absl::Status> TakeEnd();

  void Cancel() { context_->TryCancel(); }

 private:
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnDone(const grpc::Status& status) override;

  const std::unique_ptr<grpc::ClientContext> context_;
  const std::shared_ptr<Wakeup> wakeup_;
  bool sending_closed_ = false;
  // Until no more operations will be started, OnDone must not come.
  bool held_ = true;

  // Each belongs to gRPC while its operation is under way.
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
