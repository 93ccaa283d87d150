#include "server/batch_get_pictures.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "core/base/status_macros.h"
#include "grpcpp/support/slice.h"
#include "portrait/v1/profile_picture.pb.h"
#include "server/accounted_lookup.h"
#include "server/enrich_counter.h"
#include "server/enrich_stream.h"
#include "server/lookup_options.h"
#include "server/message_bytes.h"
#include "server/rpc_status.h"

namespace portrait {
namespace {

// One call. During the lookup, an item's tag is its position.
//
// Thread-safe. The engine and OpenStreams hold weak pointers to the call; gRPC
// holds it by `self_` until OnDone.
class BatchGetPictures final
    : public grpc::ServerUnaryReactor,
      public ResultSink,
      public OpenStream,
      public std::enable_shared_from_this<BatchGetPictures> {
 public:
  BatchGetPictures(const Backends& backends,
                   std::shared_ptr<OpenStreams> streams, Principal caller,
                   grpc::ByteBuffer* response)
      : backends_(backends),
        streams_(std::move(streams)),
        caller_(caller),
        response_bytes_(response),
        lookup_(backends, std::move(caller), *this),
        counter_(streams_->options().tick) {}

  void Start(absl::Time deadline, const grpc::ByteBuffer& request);

  void OnResults(LookupResults results) override;
  void OnTick() override;
  void OnShutdown() override { FinishOnce(streams_->shutdown_status()); }
  void OnCancel() override {
    FinishOnce(absl::CancelledError("the caller cancelled the call"));
  }
  void OnDone() override {
    streams_->Remove(this);
    self_.reset();
  }

 private:
  absl::Status Read(const grpc::ByteBuffer& bytes);
  // Looks up the waiting contacts that the tenant's quota and rate admit now.
  absl::Status AskWaiting();
  void FillLocked(const LookupResults& results)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void FinishIfComplete();
  void FinishOnce(const absl::Status& status);

  const Backends& backends_;
  const std::shared_ptr<OpenStreams> streams_;
  const Principal caller_;
  grpc::ByteBuffer* const response_bytes_;  // valid until Finish
  std::shared_ptr<BatchGetPictures> self_;  // set until OnDone
  absl::Time deadline_;                     // set by Start
  AccountedLookup lookup_;

  absl::Mutex mu_;
  v1::BatchGetProfilePicturesResponse response_ ABSL_GUARDED_BY(mu_);
  // Waiting for the rate.
  std::vector<LookupItem> waiting_ ABSL_GUARDED_BY(mu_);
  int missing_ ABSL_GUARDED_BY(mu_) = 0;  // number of missing results
  EnrichCounter counter_ ABSL_GUARDED_BY(mu_);
  bool finished_ ABSL_GUARDED_BY(mu_) = false;
};

void BatchGetPictures::Start(absl::Time deadline,
                             const grpc::ByteBuffer& request) {
  self_ = shared_from_this();
  deadline_ =
      std::min(deadline - kBatchAnswerLead, absl::Now() + kMaxBatchWait);
  absl::Status status = Read(request);
  if (status.ok()) status = streams_->Add(self_, caller_.tenant);
  if (status.ok()) status = AskWaiting();
  if (!status.ok()) return FinishOnce(status);
  FinishIfComplete();
}

absl::Status BatchGetPictures::Read(const grpc::ByteBuffer& bytes) {
  v1::BatchGetProfilePicturesRequest request;
  RETURN_IF_ERROR(ReadMessage(bytes, &request));
  if (request.items_size() > kMaxItemsPerMessage) {
    return InvalidField(
        "items", absl::StrCat(request.items_size(), " in one call; at most ",
                              kMaxItemsPerMessage));
  }
  RETURN_IF_ERROR(lookup_.SetBulkOptions(request.options(), deadline_));
  absl::MutexLock lock(&mu_);
  missing_ = request.items_size();
  waiting_.reserve(request.items_size());
  for (int i = 0; i < request.items_size(); ++i) {
    response_.add_results()->set_tag(request.items(i).tag());
    LookupItem& item = waiting_.emplace_back(MakeLookupItem(request.items(i)));
    item.tag = static_cast<uint64_t>(i);
  }
  return absl::OkStatus();
}

absl::Status BatchGetPictures::AskWaiting() {
  std::vector<LookupItem> items;
  {
    absl::MutexLock lock(&mu_);
    if (finished_ || waiting_.empty()) return absl::OkStatus();
    items.swap(waiting_);
  }
  ASSIGN_OR_RETURN(std::vector<LookupItem> waiting,
                   lookup_.AskBulk(std::move(items), shared_from_this()));
  absl::MutexLock lock(&mu_);
  waiting_ = std::move(waiting);
  return absl::OkStatus();
}

void BatchGetPictures::FillLocked(const LookupResults& results) {
  missing_ -= static_cast<int>(results.size());
  for (size_t i = 0; i < results.size(); ++i) {
    v1::EnrichResult& result =
        *response_.mutable_results(static_cast<int>(results.facts()[i].tag));
    const uint64_t tag = result.tag();
    result = results.Decode(i);
    result.set_tag(tag);
  }
}

void BatchGetPictures::OnResults(LookupResults results) {
  {
    absl::MutexLock lock(&mu_);
    if (finished_) return;
    FillLocked(results);
    for (const ResultFacts& facts : results.facts()) {
      counter_.AddCompleted(facts);
    }
  }
  FinishIfComplete();
}

void BatchGetPictures::OnTick() {
  absl::Status status = backends_.access.CheckStillValid(caller_);
  if (status.ok()) status = AskWaiting();
  if (!status.ok()) return FinishOnce(status);
  if (absl::Now() < deadline_) return;
  std::vector<LookupItem> late;
  {
    absl::MutexLock lock(&mu_);
    late.swap(waiting_);
  }
  if (late.empty()) return;
  const LookupResults refused = lookup_.RefuseForRate(std::move(late));
  {
    absl::MutexLock lock(&mu_);
    if (finished_) return;
    FillLocked(refused);
  }
  FinishIfComplete();
}

void BatchGetPictures::FinishIfComplete() {
  EnrichCounter::Completed completed;
  {
    absl::MutexLock lock(&mu_);
    if (finished_ || missing_ > 0) return;
    finished_ = true;
    completed = counter_.TakeCompleted();
    const grpc::Slice slice(response_.SerializeAsString());
    *response_bytes_ = grpc::ByteBuffer(&slice, 1);
  }
  // Usage is settled before the caller can receive the results.
  lookup_.Settle(completed.granted, completed.usage);
  Finish(grpc::Status::OK);
}

void BatchGetPictures::FinishOnce(const absl::Status& status) {
  {
    absl::MutexLock lock(&mu_);
    if (std::exchange(finished_, true)) return;
  }
  Finish(ToRpcStatus(status));
}

}  // namespace

grpc::ServerUnaryReactor* StartBatchGetPictures(
    const Backends& backends, std::shared_ptr<OpenStreams> streams,
    grpc::CallbackServerContext* context, Principal caller,
    const grpc::ByteBuffer& request, grpc::ByteBuffer* response) {
  const auto call = std::make_shared<BatchGetPictures>(
      backends, std::move(streams), std::move(caller), response);
  call->Start(absl::FromChrono(context->deadline()), request);
  // gRPC calls OnDone only after this function has returned the reactor.
  return call.get();
}

}  // namespace portrait
