// SessionService: links and manages WhatsApp accounts.
#ifndef PORTRAIT_SERVER_SESSION_SERVICE_H_
#define PORTRAIT_SERVER_SESSION_SERVICE_H_

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "grpcpp/support/server_callback.h"
#include "portrait/v1/session.grpc.pb.h"
#include "server/backends.h"
#include "server/open_streams.h"

namespace portrait {

// Thread-safe.
class SessionService final : public v1::SessionService::CallbackService {
 public:
  // `backends` is borrowed.
  SessionService(const Backends& backends, std::shared_ptr<OpenStreams> streams)
      : backends_(backends), streams_(std::move(streams)) {}

  grpc::ServerWriteReactor<v1::PairSessionResponse>* PairSession(
      grpc::CallbackServerContext* context,
      const v1::PairSessionRequest* request) override;
  grpc::ServerUnaryReactor* GetPairingQrCode(
      grpc::CallbackServerContext* context,
      const v1::GetPairingQrCodeRequest* request,
      v1::GetPairingQrCodeResponse* response) override;
  grpc::ServerUnaryReactor* ListSessions(
      grpc::CallbackServerContext* context,
      const v1::ListSessionsRequest* request,
      v1::ListSessionsResponse* response) override;
  grpc::ServerUnaryReactor* GetSession(
      grpc::CallbackServerContext* context,
      const v1::GetSessionRequest* request,
      v1::GetSessionResponse* response) override;
  grpc::ServerUnaryReactor* PauseSession(
      grpc::CallbackServerContext* context,
      const v1::PauseSessionRequest* request,
      v1::PauseSessionResponse* response) override;
  grpc::ServerUnaryReactor* ResumeSession(
      grpc::CallbackServerContext* context,
      const v1::ResumeSessionRequest* request,
      v1::ResumeSessionResponse* response) override;
  grpc::ServerUnaryReactor* SetSessionProxy(
      grpc::CallbackServerContext* context,
      const v1::SetSessionProxyRequest* request,
      v1::SetSessionProxyResponse* response) override;
  grpc::ServerUnaryReactor* LogoutSession(
      grpc::CallbackServerContext* context,
      const v1::LogoutSessionRequest* request,
      v1::LogoutSessionResponse* response) override;

 private:
  // Answers with the result of `work` for one session, on a store thread,
  // because the pool may write to the store.
  template <typename Response>
  grpc::ServerUnaryReactor* AnswerOne(
      grpc::CallbackServerContext* context, Response* response,
      std::function<absl::StatusOr<v1::Session>()> work);

  const Backends& backends_;
  const std::shared_ptr<OpenStreams> streams_;
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_SESSION_SERVICE_H_
