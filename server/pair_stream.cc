#include "server/pair_stream.h"

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "core/base/proto_time.h"
#include "core/base/status_macros.h"
#include "core/lookup/contact.h"
#include "server/operation_pump.h"
#include "server/rpc_status.h"

namespace portrait {
namespace {

constexpr char kMethod[] = "SessionService/PairSession";

// As E.164.
absl::StatusOr<std::string> ReadPhoneNumber(const std::string& text) {
  const absl::StatusOr<Contact> contact = ParseContact(text);
  if (!contact.ok()) {
    return InvalidField("phone_number", contact.status().message());
  }
  if (contact->phone_number.empty()) {
    return InvalidField("phone_number",
                        "expected '+', the country code and the number");
  }
  return contact->phone_number;
}

// One call. Only the newest code is worth sending: one that was not taken
// before the next came is worth nothing any more.
//
// Thread-safe. gRPC holds the object by `self_` until OnDone, the pool as the
// pairing's observer until it is over.
class PairStream final : public PairReactor,
                         public PairingObserver,
                         public OpenStream,
                         public std::enable_shared_from_this<PairStream> {
 public:
  PairStream(const Backends& backends, std::shared_ptr<OpenStreams> streams)
      : backends_(backends), streams_(std::move(streams)) {}

  void Start(const v1::PairSessionRequest& request);

  void OnQrCode(const std::string& text, absl::Time expires_at) override;
  void OnPairingCode(const std::string& code, absl::Time expires_at) override;
  void OnPaired(const v1::Session& session) override;
  void OnFailed(const absl::Status& why) override;

  void OnWriteDone(bool ok) override;
  void OnCancel() override { Abandon(absl::CancelledError("the caller left")); }
  void OnDone() override;
  void OnTick() override {}
  void OnShutdown() override { Abandon(ShuttingDownStatus()); }

 private:
  absl::Status Pair(const v1::PairSessionRequest& request);
  void SetNext(v1::PairSessionResponse response, bool last);
  void Abandon(absl::Status why);
  void Pump();
  OperationPump::Operation NextOperation();

  const Backends& backends_;
  const std::shared_ptr<OpenStreams> streams_;
  OperationPump pump_;
  std::shared_ptr<PairStream> self_;  // until OnDone
  v1::PairSessionResponse response_;  // belongs to the write under way

  absl::Mutex mu_;
  std::function<void()> abandon_ ABSL_GUARDED_BY(mu_);  // empty: over
  std::optional<v1::PairSessionResponse> next_ ABSL_GUARDED_BY(mu_);
  bool last_ ABSL_GUARDED_BY(mu_) = false;  // `next_` ends the stream
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
  absl::Status failure_ ABSL_GUARDED_BY(mu_);
  bool finished_ ABSL_GUARDED_BY(mu_) = false;
};

void PairStream::Start(const v1::PairSessionRequest& request) {
  self_ = shared_from_this();
  absl::Status status = Pair(request);
  if (status.ok()) status = streams_->Add(self_);
  if (!status.ok()) Abandon(std::move(status));
}

absl::Status PairStream::Pair(const v1::PairSessionRequest& request) {
  PairingRequest pairing{request.session(), ""};
  if (!request.phone_number().empty()) {
    ASSIGN_OR_RETURN(pairing.phone_number,
                     ReadPhoneNumber(request.phone_number()));
  }
  absl::StatusOr<std::function<void()>> abandon =
      backends_.sessions.Pair(std::move(pairing), self_);
  if (absl::IsInvalidArgument(abandon.status())) {
    return InvalidField("session", abandon.status().message());
  }
  RETURN_IF_ERROR(abandon.status());
  absl::MutexLock lock(&mu_);
  abandon_ = *std::move(abandon);
  return absl::OkStatus();
}

void PairStream::OnQrCode(const std::string& text, absl::Time expires_at) {
  v1::PairSessionResponse response;
  response.mutable_qr_code()->set_text(text);
  *response.mutable_qr_code()->mutable_expire_time() = ToProto(expires_at);
  SetNext(std::move(response), /*last=*/false);
}

void PairStream::OnPairingCode(const std::string& code, absl::Time expires_at) {
  v1::PairSessionResponse response;
  response.mutable_pairing_code()->set_code(code);
  *response.mutable_pairing_code()->mutable_expire_time() = ToProto(expires_at);
  SetNext(std::move(response), /*last=*/false);
}

void PairStream::OnPaired(const v1::Session& session) {
  v1::PairSessionResponse response;
  *response.mutable_paired() = session;
  SetNext(std::move(response), /*last=*/true);
}

void PairStream::OnFailed(const absl::Status& why) {
  v1::PairSessionResponse response;
  response.mutable_failed()->set_message(std::string(why.message()));
  SetNext(std::move(response), /*last=*/true);
}

void PairStream::SetNext(v1::PairSessionResponse response, bool last) {
  {
    absl::MutexLock lock(&mu_);
    next_ = std::move(response);
    last_ = last;
  }
  Pump();
}

void PairStream::OnWriteDone(bool ok) {
  {
    absl::MutexLock lock(&mu_);
    writing_ = false;
  }
  if (ok) {
    Pump();
  } else {
    Abandon(absl::CancelledError("the caller left"));
  }
}

void PairStream::OnDone() {
  streams_->Remove(this);
  {
    absl::MutexLock lock(&mu_);
    abandon_ = nullptr;  // it may hold us, as the observer
  }
  self_.reset();
}

void PairStream::Abandon(absl::Status why) {
  std::function<void()> abandon;
  {
    absl::MutexLock lock(&mu_);
    if (failure_.ok()) failure_ = std::move(why);
    abandon = std::exchange(abandon_, nullptr);
  }
  // What has been paired stays: the pool then ignores this.
  if (abandon) abandon();
  Pump();
}

void PairStream::Pump() {
  // Finishing lets gRPC drop `self_` while this function still runs.
  const auto keep_alive = shared_from_this();
  pump_.Run([this] { return NextOperation(); });
}

OperationPump::Operation PairStream::NextOperation() {
  absl::MutexLock lock(&mu_);
  if (finished_ || writing_) return nullptr;
  if (!failure_.ok()) {
    finished_ = true;
    return [this, status = failure_] {
      backends_.metrics.CountRpc(kMethod, status.code());
      Finish(ToRpcStatus(status));
    };
  }
  if (!next_.has_value()) return nullptr;
  response_ = *std::move(next_);
  next_.reset();
  if (last_) {
    finished_ = true;
    return [this] {
      backends_.metrics.CountRpc(kMethod, absl::StatusCode::kOk);
      StartWriteAndFinish(&response_, grpc::WriteOptions(), grpc::Status::OK);
    };
  }
  writing_ = true;
  return [this] { StartWrite(&response_); };
}

}  // namespace

PairReactor* StartPairStream(const Backends& backends,
                             std::shared_ptr<OpenStreams> streams,
                             const v1::PairSessionRequest& request) {
  auto stream = std::make_shared<PairStream>(backends, std::move(streams));
  stream->Start(request);
  // OnDone comes after this function has given the reactor to gRPC.
  return stream.get();
}

}  // namespace portrait
