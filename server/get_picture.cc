#include "server/get_picture.h"

#include <atomic>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "core/base/status_macros.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/wire_format_lite.h"
#include "grpcpp/support/slice.h"
#include "portrait/v1/profile_picture.pb.h"
#include "server/enrich_counter.h"
#include "server/lookup_audit.h"
#include "server/lookup_options.h"
#include "server/message_bytes.h"
#include "server/rpc_status.h"

namespace portrait {
namespace {

using google::protobuf::internal::WireFormatLite;

// The GetProfilePictureResponse of a serialized picture.
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
// Thread-safe. gRPC holds the object by `self_` until OnDone; the engine knows
// it weakly, so that a call which was cancelled is dropped there.
class GetPicture final : public grpc::ServerUnaryReactor,
                         public ResultSink,
                         public std::enable_shared_from_this<GetPicture> {
 public:
  GetPicture(const Backends& backends, Principal caller,
             grpc::ByteBuffer* response)
      : backends_(backends),
        account_(backends_.tenants.AccountOf(caller.tenant)),
        audit_(backends_.audit, std::move(caller)),
        response_(response) {}
  // Whoever left before the answer gets the grant back.
  ~GetPicture() override { account_->GiveBack(granted_); }

  void Start(absl::Time deadline, const grpc::ByteBuffer& request) {
    self_ = shared_from_this();
    const absl::Status status = Lookup(deadline, request);
    if (!status.ok()) FinishOnce(status);
  }

  void OnResults(LookupResults results) override;
  void OnCancel() override {
    FinishOnce(absl::CancelledError("the caller left"));
  }
  void OnDone() override { self_.reset(); }

 private:
  absl::Status Lookup(absl::Time deadline, const grpc::ByteBuffer& bytes);
  absl::Status Admit();
  // True for the one who ends the call. Only then may `response_` be touched.
  bool MayFinish() { return !finished_.exchange(true); }
  void FinishOnce(const absl::Status& status) {
    if (MayFinish()) Finish(status);
  }
  void Finish(const absl::Status& status) {
    grpc::ServerUnaryReactor::Finish(ToRpcStatus(status));
  }

  const Backends& backends_;
  const std::shared_ptr<TenantAccount> account_;
  LookupAudit audit_;
  grpc::ByteBuffer* const response_;  // until Finish
  std::shared_ptr<GetPicture> self_;  // until OnDone
  std::atomic<bool> finished_ = false;
  size_t granted_ = 0;  // set before the lookup, taken by its result
};

absl::Status GetPicture::Lookup(absl::Time deadline,
                                const grpc::ByteBuffer& bytes) {
  v1::GetProfilePictureRequest request;
  RETURN_IF_ERROR(ReadMessage(bytes, &request));
  ASSIGN_OR_RETURN(LookupRequest lookup,
                   ParseLookupOptions(request.options(), backends_.sessions));
  std::vector<LookupItem> items = {
      MakeLookupItem(/*tag=*/0, request.contact(), request.existing_id())};
  audit_.Asked(items);
  RETURN_IF_ERROR(Admit());
  lookup.tenant = account_->tenant();
  lookup.urgent = true;
  lookup.deadline = deadline;
  backends_.engine.Lookup(
      std::make_shared<const LookupRequest>(std::move(lookup)),
      std::move(items), weak_from_this());
  return absl::OkStatus();
}

absl::Status GetPicture::Admit() {
  ASSIGN_OR_RETURN(const TenantAccount::Admission admission,
                   account_->Admit(1, TenantAccount::Pace::kUrgent));
  granted_ = admission.granted;
  if (granted_ > 0) return absl::OkStatus();
  const v1::LookupError error =
      admission.over_quota > 0 ? account_->QuotaError() : account_->RateError();
  LookupResults refused;
  refused.AddError(/*tag=*/0, error);
  backends_.metrics.CountLookups(refused);
  audit_.Answered(refused);
  account_->Settle(0, UsageOf(refused.facts().front()));
  return ToStatus(error);
}

void GetPicture::OnResults(LookupResults results) {
  backends_.metrics.CountLookups(results);
  audit_.Answered(results);
  if (results.empty() || !MayFinish()) return;
  const ResultFacts& facts = results.facts().front();
  // Before the caller can know of it.
  account_->Settle(std::exchange(granted_, 0), UsageOf(facts));
  if (facts.failed()) {
    Finish(ToStatus(results.Decode(0).error()));
    return;
  }
  *response_ = ResponseOf(results.EncodedPicture(0));
  Finish(absl::OkStatus());
}

}  // namespace

grpc::ServerUnaryReactor* StartGetPicture(const Backends& backends,
                                          Principal caller, absl::Time deadline,
                                          const grpc::ByteBuffer& request,
                                          grpc::ByteBuffer* response) {
  auto call =
      std::make_shared<GetPicture>(backends, std::move(caller), response);
  call->Start(deadline, request);
  // OnDone comes after this function has given the reactor to gRPC.
  return call.get();
}

}  // namespace portrait
