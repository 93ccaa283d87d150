#include "server/server.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/health_check_service_interface.h"
#include "server/access_service.h"
#include "server/listen_address.h"
#include "server/profile_picture_service.h"
#include "server/session_service.h"

namespace portrait {
namespace {

constexpr int kMaxRequestBytes = 4 << 20;
constexpr int kMaxMetadataBytes = 16 << 10;
constexpr int kMaxStreamsPerConnection = 1000;
// Finds peers that went away without a word.
constexpr absl::Duration kKeepaliveTime = absl::Minutes(1);
constexpr absl::Duration kKeepaliveTimeout = absl::Seconds(20);
// Callers may keep their side alive this often.
constexpr absl::Duration kMinPingInterval = absl::Seconds(10);
// After the engine has drained: for results that are still to be written.
constexpr absl::Duration kFlushTimeout = absl::Seconds(2);
// Then: for calls of others, such as a load balancer's health watch.
constexpr absl::Duration kCloseTimeout = absl::Milliseconds(200);

int Milliseconds(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(duration));
}

void SetLimits(grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(kMaxRequestBytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS,
                             kMaxStreamsPerConnection);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS,
                             Milliseconds(kKeepaliveTime));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS,
                             Milliseconds(kKeepaliveTimeout));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(
      GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
      Milliseconds(kMinPingInterval));
  // Otherwise a second server on the same port would start, and share it.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
}

class GrpcServer final : public PortraitServer {
 public:
  GrpcServer(boost::asio::io_context& io, const Backends& backends,
             const ServerOptions& options)
      : backends_(backends),
        streams_(OpenStreams::Start(io, options.stream_tick)),
        pictures_(backends_, streams_),
        sessions_(backends_, streams_),
        access_(backends_) {}
  ~GrpcServer() override { Drain(absl::ZeroDuration()); }

  absl::Status Listen(const ListenAddress& address,
                      std::shared_ptr<grpc::ServerCredentials> credentials);

  int port() const override { return address_.port; }
  std::string address() const override { return address_.ToString(); }
  void Drain(absl::Duration timeout) override;

 private:
  const Backends backends_;
  const std::shared_ptr<OpenStreams> streams_;
  ProfilePictureService pictures_;
  SessionService sessions_;
  AccessService access_;
  ListenAddress address_;
  std::unique_ptr<grpc::Server> server_;  // null: not serving (any more)
};

absl::Status GrpcServer::Listen(
    const ListenAddress& address,
    std::shared_ptr<grpc::ServerCredentials> credentials) {
  // Both are switches of the process, read when a server is built.
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  SetLimits(builder);
  address_ = address;
  builder.AddListeningPort(address.ToString(), std::move(credentials),
                           &address_.port);
  builder.RegisterService(&pictures_);
  builder.RegisterService(&sessions_);
  builder.RegisterService(&access_);
  server_ = builder.BuildAndStart();
  // gRPC tells of a port that is taken by either of the two.
  if (server_ == nullptr || address_.port == 0) {
    server_ = nullptr;
    return absl::UnavailableError(
        absl::StrCat("--listen: cannot listen on ", address.ToString(),
                     ": is it in use, or not an address of this machine?"));
  }
  auto* health = server_->GetHealthCheckService();
  for (const char* service : {v1::ProfilePictureService::service_full_name(),
                              v1::SessionService::service_full_name(),
                              v1::AccessService::service_full_name()}) {
    health->SetServingStatus(service, true);
  }
  return absl::OkStatus();
}

void GrpcServer::Drain(absl::Duration timeout) {
  if (server_ == nullptr) return;
  // 1. Load balancers look elsewhere; streams take no more work and end as soon
  //    as they owe nothing, new ones are refused.
  server_->GetHealthCheckService()->SetServingStatus(false);
  streams_->Shutdown();
  // 2. Lookups in flight are answered, in time or with SHUTTING_DOWN.
  backends_.engine.Drain(timeout);
  // 3. Their results leave.
  if (!streams_->WaitUntilEmpty(kFlushTimeout)) {
    LogWarning("shutdown: {} streams do not take their results",
               streams_->size());
  }
  // 4. What is still open is cancelled. Returns when gRPC is in no callback.
  server_->Shutdown(absl::ToChronoTime(absl::Now() + kCloseTimeout));
  server_ = nullptr;
}

}  // namespace

absl::StatusOr<std::unique_ptr<PortraitServer>> PortraitServer::Start(
    boost::asio::io_context& io, const Backends& backends,
    ServerOptions options) {
  absl::StatusOr<ListenAddress> address = ParseListenAddress(options.listen);
  if (!address.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--listen: ", address.status().message()));
  }
  const bool encrypted = !options.tls.certificate.empty();
  if (!encrypted && !address->IsLoopback() && !options.insecure_listen) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--listen: ", address->ToString(),
        " can be reached from other machines and tokens would travel in the "
        "clear: give --tls-cert and --tls-key, or --insecure-listen if "
        "something else encrypts"));
  }
  ASSIGN_OR_RETURN(auto credentials, MakeCredentials(options.tls));
  auto server = std::make_unique<GrpcServer>(io, backends, options);
  RETURN_IF_ERROR(server->Listen(*address, std::move(credentials)));
  return server;
}

}  // namespace portrait
