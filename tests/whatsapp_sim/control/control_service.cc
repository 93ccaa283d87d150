#include "tests/whatsapp_sim/control/control_service.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "core/base/proto_time.h"
#include "portrait/sim/v1/simulator.grpc.pb.h"

namespace portrait::sim {
namespace {

// The time that running calls have when the server stops.
constexpr std::chrono::milliseconds kDrain(500);

grpc::Status ToGrpc(const absl::Status& status) {
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()),
                      std::string(status.message()));
}

// Passes the value of `result`, if any, to `set`.
template <typename T, typename Set>
grpc::Status Reply(absl::StatusOr<T> result, Set set) {
  if (result.ok()) set(*std::move(result));
  return ToGrpc(result.status());
}

class Service final : public v1::SimulatorService::Service {
 public:
  explicit Service(Control* control) : control_(*control) {}

  grpc::Status ScanQrCode(grpc::ServerContext*,
                          const v1::ScanQrCodeRequest* request,
                          v1::ScanQrCodeResponse* response) override {
    return Reply(
        control_.ScanQrCode(request->qr_text(), request->phone_number()),
        [&](std::string jid) { response->set_jid(std::move(jid)); });
  }

  grpc::Status EnterPairingCode(
      grpc::ServerContext*, const v1::EnterPairingCodeRequest* request,
      v1::EnterPairingCodeResponse* response) override {
    return Reply(
        control_.EnterPairingCode(request->code(), request->phone_number()),
        [&](std::string jid) { response->set_jid(std::move(jid)); });
  }

  grpc::Status SetAccount(grpc::ServerContext*,
                          const v1::SetAccountRequest* request,
                          v1::SetAccountResponse* response) override {
    return Reply(control_.SetAccount(request->account(), request->notify()),
                 [&](v1::Account account) {
                   *response->mutable_account() = std::move(account);
                 });
  }

  grpc::Status GetAccount(grpc::ServerContext*,
                          const v1::GetAccountRequest* request,
                          v1::GetAccountResponse* response) override {
    return Reply(control_.GetAccount(request->phone_number()),
                 [&](v1::Account account) {
                   *response->mutable_account() = std::move(account);
                 });
  }

  grpc::Status ChangeNumber(grpc::ServerContext*,
                            const v1::ChangeNumberRequest* request,
                            v1::ChangeNumberResponse* response) override {
    return Reply(
        control_.ChangeNumber(request->phone_number(),
                              request->new_phone_number(), request->notify()),
        [&](v1::Account account) {
          *response->mutable_account() = std::move(account);
        });
  }

  grpc::Status GivePrivacyToken(grpc::ServerContext*,
                                const v1::GivePrivacyTokenRequest* request,
                                v1::GivePrivacyTokenResponse*) override {
    return ToGrpc(control_.GivePrivacyToken(request->phone_number(),
                                            request->to_phone_number(),
                                            FromProto(request->age())));
  }

  grpc::Status TellOfContact(grpc::ServerContext*,
                             const v1::TellOfContactRequest* request,
                             v1::TellOfContactResponse*) override {
    return ToGrpc(
        control_.TellOfContact(request->phone_number(), request->form()));
  }

  grpc::Status SetFaults(grpc::ServerContext*,
                         const v1::SetFaultsRequest* request,
                         v1::SetFaultsResponse*) override {
    return ToGrpc(control_.SetFaults(*request));
  }

  grpc::Status Disconnect(grpc::ServerContext*,
                          const v1::DisconnectRequest* request,
                          v1::DisconnectResponse* response) override {
    return Reply(
        control_.Disconnect(request->phone_number(), request->stream_error()),
        [&](uint32_t count) { response->set_connections(count); });
  }

  grpc::Status UnlinkDevice(grpc::ServerContext*,
                            const v1::UnlinkDeviceRequest* request,
                            v1::UnlinkDeviceResponse*) override {
    return ToGrpc(control_.UnlinkDevice(request->phone_number()));
  }

  grpc::Status RotateServerKey(grpc::ServerContext*,
                               const v1::RotateServerKeyRequest*,
                               v1::RotateServerKeyResponse*) override {
    control_.RotateServerKey();
    return grpc::Status::OK;
  }

  grpc::Status RefuseLogins(grpc::ServerContext*,
                            const v1::RefuseLoginsRequest* request,
                            v1::RefuseLoginsResponse*) override {
    return ToGrpc(control_.RefuseLogins(*request));
  }

  grpc::Status DeliverStanzas(grpc::ServerContext*,
                              const v1::DeliverStanzasRequest* request,
                              v1::DeliverStanzasResponse*) override {
    return ToGrpc(control_.DeliverStanzas(*request));
  }

  grpc::Status TakePrekeys(grpc::ServerContext*,
                           const v1::TakePrekeysRequest* request,
                           v1::TakePrekeysResponse* response) override {
    return Reply(
        control_.TakePrekeys(request->phone_number(), request->count()),
        [&](uint32_t left) { response->set_left(left); });
  }

  grpc::Status GetStats(grpc::ServerContext*, const v1::GetStatsRequest*,
                        v1::GetStatsResponse* response) override {
    *response = control_.GetStats();
    return grpc::Status::OK;
  }

 private:
  Control& control_;
};

}  // namespace

ControlServer::ControlServer(std::unique_ptr<grpc::Service> service)
    : service_(std::move(service)) {}

ControlServer::~ControlServer() {
  if (server_ == nullptr) return;
  server_->Shutdown(std::chrono::system_clock::now() + kDrain);
  server_->Wait();
}

absl::StatusOr<std::unique_ptr<ControlServer>> ControlServer::Start(
    const std::string& address, Control* control) {
  std::unique_ptr<ControlServer> server(
      new ControlServer(std::make_unique<Service>(control)));
  grpc::ServerBuilder builder;
  // Otherwise, a second simulator could share the port.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(),
                           &server->port_);
  builder.RegisterService(server->service_.get());
  server->server_ = builder.BuildAndStart();
  if (server->server_ == nullptr || server->port_ == 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", address, " for the control service"));
  }
  return server;
}

}  // namespace portrait::sim
