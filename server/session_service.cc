#include "server/session_service.h"

#include <functional>
#include <utility>

#include "core/base/proto_time.h"
#include "core/base/status_macros.h"
#include "server/call_gate.h"
#include "server/pair_stream.h"
#include "server/rpc_status.h"
#include "server/store_call.h"
#include "server/unary_call.h"

namespace portrait {

PairReactor* SessionService::PairSession(
    grpc::CallbackServerContext* context,
    const v1::PairSessionRequest* request) {
  absl::StatusOr<Principal> caller = CallerOf(*context);
  if (!caller.ok()) {
    return RefusedStream<PairReactor>::Make(caller.status());
  }
  return StartPairStream(backends_, streams_, context, *std::move(caller),
                         *request);
}

grpc::ServerUnaryReactor* SessionService::GetPairingQrCode(
    grpc::CallbackServerContext* context,
    const v1::GetPairingQrCodeRequest* request,
    v1::GetPairingQrCodeResponse* response) {
  const UnaryCall call(context);
  absl::Status status = CallerOf(*context).status();
  if (status.ok()) {
    const absl::StatusOr<PairingQrCode> code =
        backends_.sessions.GetQrCode(request->session());
    status = code.status();
    if (code.ok()) {
      v1::QrCode& shown = *response->mutable_qr_code();
      shown.set_text(code->text);
      *shown.mutable_expire_time() = ToProto(code->expires_at);
    }
  }
  call.Finish(status);
  return call.reactor();
}

grpc::ServerUnaryReactor* SessionService::ListSessions(
    grpc::CallbackServerContext* context,
    const v1::ListSessionsRequest* /*request*/,
    v1::ListSessionsResponse* response) {
  const UnaryCall call(context);
  const absl::Status status = CallerOf(*context).status();
  if (status.ok()) {
    for (v1::Session& session : backends_.sessions.List()) {
      *response->add_sessions() = std::move(session);
    }
  }
  call.Finish(status);
  return call.reactor();
}

template <typename Response>
grpc::ServerUnaryReactor* SessionService::AnswerOne(
    grpc::CallbackServerContext* context, Response* response,
    std::function<absl::StatusOr<v1::Session>()> work) {
  return AnswerOnStoreThread(
      backends_, context, [response, work = std::move(work)](const Principal&) {
        absl::StatusOr<v1::Session> session = work();
        if (session.ok()) *response->mutable_session() = *std::move(session);
        return session.status();
      });
}

grpc::ServerUnaryReactor* SessionService::GetSession(
    grpc::CallbackServerContext* context, const v1::GetSessionRequest* request,
    v1::GetSessionResponse* response) {
  return AnswerOne(context, response, [&pool = backends_.sessions, request] {
    return pool.Get(request->session());
  });
}

grpc::ServerUnaryReactor* SessionService::PauseSession(
    grpc::CallbackServerContext* context,
    const v1::PauseSessionRequest* request,
    v1::PauseSessionResponse* response) {
  return AnswerOne(context, response, [&pool = backends_.sessions, request] {
    return pool.Pause(request->session());
  });
}

grpc::ServerUnaryReactor* SessionService::ResumeSession(
    grpc::CallbackServerContext* context,
    const v1::ResumeSessionRequest* request,
    v1::ResumeSessionResponse* response) {
  return AnswerOne(context, response, [&pool = backends_.sessions, request] {
    return pool.Resume(request->session());
  });
}

grpc::ServerUnaryReactor* SessionService::SetSessionProxy(
    grpc::CallbackServerContext* context,
    const v1::SetSessionProxyRequest* request,
    v1::SetSessionProxyResponse* response) {
  return AnswerOne(
      context, response,
      [&pool = backends_.sessions, request]() -> absl::StatusOr<v1::Session> {
        absl::StatusOr<v1::Session> session =
            pool.SetProxy(request->session(), request->proxy());
        if (absl::IsInvalidArgument(session.status())) {
          return InvalidField("proxy", session.status().message());
        }
        return session;
      });
}

grpc::ServerUnaryReactor* SessionService::LogoutSession(
    grpc::CallbackServerContext* context,
    const v1::LogoutSessionRequest* request,
    v1::LogoutSessionResponse* /*response*/) {
  const UnaryCall call(context);
  if (absl::Status status = CallerOf(*context).status(); !status.ok()) {
    call.Finish(status);
    return call.reactor();
  }
  backends_.sessions.Logout(
      request->session(),
      [call](const absl::Status& status) { call.Finish(status); });
  return call.reactor();
}

}  // namespace portrait
