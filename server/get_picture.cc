#include "server/get_picture.h"

#include <atomic>
#include <iterator>
#include <memory>
#include <utility>

#include "grpcpp/support/slice.h"
#include "portrait/v1/profile_picture.pb.h"
#include "server/message_bytes.h"
#include "server/picture_lookup.h"
#include "server/rpc_status.h"

namespace portrait {
namespace {

// One call.
//
// Thread-safe. If the call is not answered at once, gRPC gets this object as
// the reactor and holds it by `self_` until OnDone. Otherwise gRPC's default
// reactor ends the call, which saves a thread switch: gRPC runs OnDone of our
// reactors on another thread.
class GetPicture final : public grpc::ServerUnaryReactor, public PictureLookup {
 public:
  GetPicture(const Backends& backends, Principal caller,
             grpc::ByteBuffer* response)
      : PictureLookup(backends, std::move(caller)), response_(response) {}

  grpc::ServerUnaryReactor* Start(grpc::CallbackServerContext* context,
                                  const grpc::ByteBuffer& bytes);

  void OnCancel() override {
    End(absl::CancelledError("the caller cancelled the call"));
  }
  void OnDone() override { self_.reset(); }

 private:
  enum class State { kStarting, kAnswered, kHandedOver };

  void OnAnswer(const absl::Status& status, absl::string_view picture) override;
  // Returns true for the first caller that sets a state.
  bool Become(State state) {
    State starting = State::kStarting;
    return state_.compare_exchange_strong(starting, state);
  }

  grpc::ByteBuffer* const response_;     // valid until Finish
  std::shared_ptr<PictureLookup> self_;  // set until OnDone
  std::atomic<State> state_ = State::kStarting;
  grpc::Status status_;  // set by the thread that ends the call
};

grpc::ServerUnaryReactor* GetPicture::Start(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer& bytes) {
  v1::GetProfilePictureRequest request;
  const absl::Status status = ReadMessage(bytes, &request);
  if (status.ok()) {
    Ask(std::move(request), absl::FromChrono(context->deadline()));
  } else {
    End(status);
  }
  self_ = shared_from_this();
  // From here on the call may end at any time; once gRPC has the reactor, it
  // may call OnDone.
  if (Become(State::kHandedOver)) return this;
  self_.reset();
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  reactor->Finish(status_);
  return reactor;
}

void GetPicture::OnAnswer(const absl::Status& status,
                          absl::string_view picture) {
  if (status.ok()) {
    const std::string head = ResponseHeadFor(picture);
    const grpc::Slice slices[] = {{head.data(), head.size()},
                                  {picture.data(), picture.size()}};
    *response_ = grpc::ByteBuffer(slices, std::size(slices));
  }
  status_ = ToRpcStatus(status);
  if (!Become(State::kAnswered)) Finish(status_);
}

}  // namespace

grpc::ServerUnaryReactor* StartGetPicture(const Backends& backends,
                                          grpc::CallbackServerContext* context,
                                          Principal caller,
                                          const grpc::ByteBuffer& request,
                                          grpc::ByteBuffer* response) {
  const auto call =
      std::make_shared<GetPicture>(backends, std::move(caller), response);
  return call->Start(context, request);
}

}  // namespace portrait
