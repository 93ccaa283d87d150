#include "server/get_picture.h"

#include <atomic>
#include <iterator>
#include <memory>
#include <utility>

#include "core/base/status_macros.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/wire_format_lite.h"
#include "grpcpp/support/slice.h"
#include "portrait/v1/profile_picture.pb.h"
#include "server/accounted_lookup.h"
#include "server/enrich_counter.h"
#include "server/lookup_options.h"
#include "server/message_bytes.h"
#include "server/rpc_status.h"

namespace portrait {
namespace {

using google::protobuf::internal::WireFormatLite;

// Wraps a serialized picture in a GetProfilePictureResponse.
grpc::ByteBuffer ResponseOf(absl::string_view picture) {
  std::string head;
  {
    google::protobuf::io::StringOutputStream stream(&head);
    google::protobuf::io::CodedOutputStream out(&stream);
    out.WriteTag(WireFormatLite::MakeTag(
        v1::GetProfilePictureResponse::kProfilePictureFieldNumber,
        WireFormatLite::WIRETYPE_LENGTH_DELIMITED));
    out.WriteVarint32(static_cast<uint32_t>(picture.size()));
  }
  const grpc::Slice slices[] = {{head.data(), head.size()},
                                {picture.data(), picture.size()}};
  return grpc::ByteBuffer(slices, std::size(slices));
}

// One call.
//
// Thread-safe. The engine holds a weak pointer to it, so that a cancelled call
// is dropped there. If the call is not answered at once, gRPC gets this object
// as the reactor and holds it by `self_` until OnDone. Otherwise gRPC's default
// reactor ends the call, which saves a thread switch: gRPC runs OnDone of our
// reactors on another thread.
class GetPicture final : public grpc::ServerUnaryReactor,
                         public ResultSink,
                         public std::enable_shared_from_this<GetPicture> {
 public:
  GetPicture(const Backends& backends, Principal caller,
             grpc::ByteBuffer* response)
      : lookup_(backends, std::move(caller), *this), response_(response) {}

  grpc::ServerUnaryReactor* Start(grpc::CallbackServerContext* context,
                                  const grpc::ByteBuffer& request);

  void OnResults(LookupResults results) override;
  void OnCancel() override {
    FinishOnce(absl::CancelledError("the caller cancelled the call"));
  }
  void OnDone() override { self_.reset(); }

 private:
  enum class State { kStarting, kAnswered, kHandedOver };

  absl::Status Lookup(absl::Time deadline, const grpc::ByteBuffer& bytes);
  // Returns true for the caller that ends the call. Only then may it use
  // `response_`.
  bool MayFinish() { return !finished_.exchange(true); }
  void FinishOnce(const absl::Status& status) {
    if (MayFinish()) Finish(status);
  }
  void Finish(const absl::Status& status) {
    status_ = ToRpcStatus(status);
    if (!Become(State::kAnswered)) ServerUnaryReactor::Finish(status_);
  }
  // Returns true for the first caller that sets a state.
  bool Become(State state) {
    State starting = State::kStarting;
    return state_.compare_exchange_strong(starting, state);
  }

  AccountedLookup lookup_;
  grpc::ByteBuffer* const response_;  // valid until Finish
  std::shared_ptr<GetPicture> self_;  // set until OnDone
  std::atomic<State> state_ = State::kStarting;
  std::atomic<bool> finished_ = false;
  grpc::Status status_;  // set by the thread that finishes the call
};

grpc::ServerUnaryReactor* GetPicture::Start(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer& request) {
  const absl::Status status =
      Lookup(absl::FromChrono(context->deadline()), request);
  if (!status.ok()) FinishOnce(status);
  self_ = shared_from_this();
  // From here on the call may end at any time; once gRPC has the reactor, it
  // may call OnDone.
  if (Become(State::kHandedOver)) return this;
  self_.reset();
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  reactor->Finish(status_);
  return reactor;
}

absl::Status GetPicture::Lookup(absl::Time deadline,
                                const grpc::ByteBuffer& bytes) {
  v1::GetProfilePictureRequest request;
  RETURN_IF_ERROR(ReadMessage(bytes, &request));
  v1::EnrichItem item;
  item.set_allocated_contact(request.release_contact());
  item.set_allocated_existing_id(request.release_existing_id());
  return lookup_.AskUrgent(request.options(), MakeLookupItem(item), deadline,
                           shared_from_this());
}

void GetPicture::OnResults(LookupResults results) {
  if (results.empty() || !MayFinish()) return;
  const ResultFacts& facts = results.facts().front();
  // Usage is settled before the caller can receive the result.
  lookup_.Settle(/*granted=*/1, UsageOf(facts));
  if (facts.failed()) {
    Finish(ToStatus(results.Decode(0).error()));
    return;
  }
  *response_ = ResponseOf(results.EncodedPicture(0));
  Finish(absl::OkStatus());
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
