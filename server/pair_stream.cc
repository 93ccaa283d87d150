#include "server/pair_stream.h"

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "core/base/proto_time.h"
#include "core/base/status_macros.h"
#include "core/contact/contact.h"
#include "server/rpc_status.h"
#include "server/served_stream.h"

namespace portrait {
namespace {

// Returns the number in E.164 format.
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

// One call. Only the newest code is sent, because an older code is no longer
// valid.
//
// Thread-safe. The pool holds it as the pairing's observer until the pairing is
// over.
class PairStream final : public ServedStream<PairStream, PairReactor>,
                         public PairingObserver {
 public:
  using ServedStream::ServedStream;

  void Start(const v1::PairSessionRequest& request);

  void OnQrCode(const std::string& text, absl::Time expires_at) override;
  void OnPairingCode(const std::string& code, absl::Time expires_at) override;
  void OnPaired(const v1::Session& session) override;
  void OnFailed(const absl::Status& why) override;

  void OnDone() override;

 private:
  OperationPump::Operation NextLocked()
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) override;
  void OnEnding() override;
  bool MayBeQuiet() const override { return true; }  // the pool limits the time
  absl::Status Pair(const v1::PairSessionRequest& request);
  void SetNext(v1::PairSessionResponse response, bool last);

  v1::PairSessionResponse response_;  // used by the write under way

  // Empty: the pairing is over.
  std::function<void()> abandon_ ABSL_GUARDED_BY(mu_);
  std::optional<v1::PairSessionResponse> next_ ABSL_GUARDED_BY(mu_);
  bool last_ ABSL_GUARDED_BY(mu_) = false;  // `next_` is the last message
  bool last_sent_ ABSL_GUARDED_BY(mu_) = false;
};

void PairStream::Start(const v1::PairSessionRequest& request) {
  absl::Status status = Open();
  if (status.ok()) status = Pair(request);
  if (!status.ok()) Fail(std::move(status));
}

absl::Status PairStream::Pair(const v1::PairSessionRequest& request) {
  PairingRequest pairing{request.session(), "", request.proxy()};
  if (const absl::Status status =
          whatsapp::ParseProxy(request.proxy()).status();
      !status.ok()) {
    return InvalidField("proxy", status.message());
  }
  if (!request.phone_number().empty()) {
    ASSIGN_OR_RETURN(pairing.phone_number,
                     ReadPhoneNumber(request.phone_number()));
  }
  absl::StatusOr<std::function<void()>> abandon =
      backends_.sessions.Pair(std::move(pairing), shared_from_this());
  if (absl::IsInvalidArgument(abandon.status())) {
    return InvalidField("session", abandon.status().message());
  }
  RETURN_IF_ERROR(abandon.status());
  bool has_failed = false;
  {
    absl::MutexLock lock(&mu_);
    abandon_ = *std::move(abandon);
    has_failed = !failure_.ok();
  }
  if (has_failed) OnEnding();
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

void PairStream::OnDone() {
  {
    absl::MutexLock lock(&mu_);
    abandon_ = nullptr;  // it may hold this object, as the observer
  }
  ServedStream::OnDone();
}

void PairStream::OnEnding() {
  std::function<void()> abandon;
  {
    absl::MutexLock lock(&mu_);
    abandon = std::exchange(abandon_, nullptr);
  }
  // If the account has already been linked, the pool ignores this.
  if (abandon) abandon();
}

OperationPump::Operation PairStream::NextLocked() {
  if (writing_) return nullptr;
  if (last_sent_) {
    finished_ = true;
    return [this] { Finish(grpc::Status::OK); };
  }
  if (!next_.has_value()) return nullptr;
  response_ = *std::move(next_);
  next_.reset();
  // Written before the status: if both are sent at once, gRPC's in-process
  // transport drops the message unless the caller is reading.
  last_sent_ = last_;
  writing_ = true;
  return [this] { StartWrite(&response_); };
}

}  // namespace

PairReactor* StartPairStream(const Backends& backends,
                             std::shared_ptr<OpenStreams> streams,
                             grpc::CallbackServerContext* context,
                             Principal caller,
                             const v1::PairSessionRequest& request) {
  auto stream = std::make_shared<PairStream>(backends, std::move(streams),
                                             context, std::move(caller));
  stream->Start(request);
  // gRPC calls OnDone only after this function has returned the reactor.
  return stream.get();
}

}  // namespace portrait
