#include "server/server.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"
#include "grpcpp/ext/channelz_service_plugin.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/health_check_service_interface.h"
#include "server/call_audit.h"
#include "server/call_gate.h"
#include "server/call_observer.h"
#include "server/credentials.h"
#include "server/ports.h"

namespace portrait {
namespace {

constexpr int kMaxRequestBytes = 4 << 20;
constexpr int kMaxMetadataBytes = 16 << 10;
// The memory limit of gRPC for all connections. gRPC checks a message's size
// only when it has received all of it, so this limit bounds endless messages.
constexpr size_t kMaxTransportBytes = 256 << 20;
// Reflection and channelz use a thread per stream, and need no token.
constexpr int kMaxStreamThreads = 16;
// gRPC uses a thread for each of these queues.
constexpr unsigned kMaxStreamQueues = 8;
// The data that a stream may send before the server reads it. It allows 10 MB/s
// with a round trip of 100 ms.
constexpr int kStreamWindowBytes = 1 << 20;
// Lookups of one contact, of all tenants; each takes about 20 kB.
constexpr size_t kMaxWaitingLookups = 10'000;
// Detects peers that have disappeared.
constexpr absl::Duration kKeepaliveTime = absl::Minutes(1);
constexpr absl::Duration kKeepaliveTimeout = absl::Seconds(20);
// The shortest interval of callers' keepalive pings.
constexpr absl::Duration kMinPingInterval = absl::Seconds(10);
// The time within which a connection must complete TLS and HTTP/2.
constexpr absl::Duration kHandshakeTimeout = absl::Seconds(20);
// A connection without a call is closed; callers reconnect on their own.
constexpr absl::Duration kConnectionIdle = absl::Minutes(5);
// The time after the engine's drain for results that are still to be sent.
constexpr absl::Duration kFlushTimeout = absl::Seconds(2);
// The time after that for other services' calls, such as health watches.
constexpr absl::Duration kCloseTimeout = absl::Milliseconds(200);

// Converts to gRPC's range: at most some weeks.
int Milliseconds(absl::Duration duration) {
  return static_cast<int>(std::min<int64_t>(absl::ToInt64Milliseconds(duration),
                                            std::numeric_limits<int>::max()));
}

void SetLimits(const ServerOptions& options, grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(kMaxRequestBytes);
  builder.SetResourceQuota(grpc::ResourceQuota("portraitd")
                               .Resize(kMaxTransportBytes)
                               .SetMaxThreads(kMaxStreamThreads));
  builder.SetSyncServerOption(
      grpc::ServerBuilder::SyncServerOption::NUM_CQS,
      static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1u,
                                  kMaxStreamQueues)));
  // Without probing, windows stay constant. If gRPC 1.51 shrinks a window
  // because of low memory while data is in transit, it mistakes that data for a
  // violation and resets the stream of a caller that did nothing wrong.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES,
                             kStreamWindowBytes);
  // Limits apply to the compressed size, and a message may be a thousand times
  // as large after decompression.
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS,
                             static_cast<int>(options.max_connection_streams));
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS,
                             Milliseconds(kHandshakeTimeout));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS,
                             Milliseconds(kConnectionIdle));
  if (options.connection_age > absl::ZeroDuration()) {
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS,
                               Milliseconds(options.connection_age));
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS,
                               Milliseconds(options.connection_age_grace));
  }
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS,
                             Milliseconds(kKeepaliveTime));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS,
                             Milliseconds(kKeepaliveTimeout));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(
      GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
      Milliseconds(kMinPingInterval));
}

}  // namespace

PortraitServer::PortraitServer(boost::asio::io_context& io,
                               const Backends& backends,
                               const ServerOptions& options,
                               std::shared_ptr<Connections> port,
                               bool owns_port)
    : io_(io),
      port_(std::move(port)),
      owns_port_(owns_port),
      waiting_lookups_({options.max_tenant_calls, kMaxWaitingLookups}),
      backends_(WithOwn(backends)),
      streams_(OpenStreams::Start(io, options.streams)),
      pictures_(backends_, streams_),
      sessions_(backends_, streams_),
      access_(backends_),
      admin_(backends_, options.backup_dir) {}

std::shared_ptr<grpc::Channel> PortraitServer::NewInProcessChannel() {
  grpc::ChannelArguments arguments;
  // Requests are checked by the server, and responses are the server's own.
  arguments.SetMaxReceiveMessageSize(-1);
  return server_->InProcessChannel(arguments);
}

bool PortraitServer::KnowsCaller(
    absl::Span<const absl::string_view> authorizations) const {
  return !JudgeCall(backends_.access, "", authorizations)
              .caller.token_id.empty();
}

absl::StatusOr<v1::Token> PortraitServer::FindToken(
    absl::string_view authorization, v1::Right needed) const {
  ASSIGN_OR_RETURN(const Principal caller,
                   backends_.access.Authenticate(authorization, needed));
  for (v1::Token& token : backends_.access.ListTokens(caller.tenant)) {
    if (token.token_id() == caller.token_id) return std::move(token);
  }
  return absl::UnauthenticatedError("the token was revoked");
}

std::vector<GuardFinding> PortraitServer::GuardFindings() const {
  if (backends_.guard == nullptr) return {};
  return backends_.guard->Findings();
}

PortraitServer::~PortraitServer() {
  Drain(absl::ZeroDuration());
  if (owns_port_) port_->Stop();
}

Backends PortraitServer::WithOwn(Backends backends) {
  backends.lanes = &lanes_;
  backends.waiting_lookups = &waiting_lookups_;
  return backends;
}

absl::StatusOr<std::unique_ptr<PortraitServer>> PortraitServer::Start(
    boost::asio::io_context& io, const Backends& backends,
    ServerOptions options, std::shared_ptr<Connections> port) {
  const bool owns_port = port == nullptr;
  if (owns_port) {
    ASSIGN_OR_RETURN(port, OpenGrpcPort(io, options));
  }
  absl::Cleanup close_port = [&] {
    if (owns_port) port->Stop();
  };
  ASSIGN_OR_RETURN(auto credentials, MakeCredentials(options.tls));
  auto server = absl::WrapUnique(
      new PortraitServer(io, backends, options, port, owns_port));
  std::move(close_port).Cancel();
  backends.maintenance.Allow();
  RETURN_IF_ERROR(server->Serve(options, std::move(credentials)));
  return server;
}

absl::Status PortraitServer::Serve(
    const ServerOptions& options,
    std::shared_ptr<grpc::ServerCredentials> credentials) {
  // These three are settings of the process, which gRPC reads when it builds a
  // server.
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  // channelz needs no token and shows callers' addresses. Behind the front
  // door, other machines could reach it.
  if (port_->address().IsLocal() && !options.behind_front) {
    grpc::channelz::experimental::InitChannelzService();
  }
  grpc::ServerBuilder builder;
  SetLimits(options, builder);
  std::vector<
      std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>>
      interceptors;
  interceptors.push_back(NewCallObservers(backends_.metrics));
  if (backends_.audit != nullptr) {
    interceptors.push_back(NewCallAudits(*backends_.audit));
  }
  interceptors.push_back(NewCallGates(backends_.access));
  builder.experimental().SetInterceptorCreators(std::move(interceptors));
  credentials_ = std::move(credentials);
  auto acceptor = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
      credentials_);
  builder.RegisterService(&pictures_);
  builder.RegisterService(&sessions_);
  builder.RegisterService(&access_);
  builder.RegisterService(&admin_);
  server_ = builder.BuildAndStart();
  if (server_ == nullptr) {
    return absl::InternalError("--listen: gRPC cannot start");
  }
  port_->PassTo([acceptor = std::shared_ptr(std::move(acceptor))](int fd) {
    grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters
        connection;
    connection.fd = fd;
    acceptor->HandleNewConnection(&connection);
  });
  auto* health = server_->GetHealthCheckService();
  for (const char* service : {v1::SessionService::service_full_name(),
                              v1::AccessService::service_full_name(),
                              v1::AdminService::service_full_name()}) {
    health->SetServingStatus(service, true);
  }
  lookup_health_ =
      LookupHealth::Start(io_, *health, backends_.sessions,
                          backends_.maintenance, streams_->options().tick);
  if (backends_.images != nullptr) {
    image_health_ =
        ImageHealth::Start(io_, *health, *backends_.images, /*pace=*/{});
  }
  return absl::OkStatus();
}

void PortraitServer::Drain(absl::Duration timeout, const absl::Status& why) {
  if (server_ == nullptr) return;
  // 1. Health checks report NOT_SERVING. Open streams accept no more items and
  // end after their last result; new streams are refused.
  lookup_health_->Stop();
  if (image_health_ != nullptr) image_health_->Stop();
  server_->GetHealthCheckService()->SetServingStatus(false);
  streams_->Shutdown(why);
  admin_.Shutdown();
  // 2. Lookups in flight are answered, with SHUTTING_DOWN after the timeout.
  backends_.engine.Drain(timeout);
  // 3. Their results are sent.
  if (!streams_->WaitUntilEmpty(kFlushTimeout)) {
    LogWarning("shutdown: {} gRPC streams do not read their results",
               streams_->size());
  }
  // 4. Open calls are cancelled. Returns after the last callback of gRPC.
  port_->PassTo(nullptr);
  if (owns_port_) port_->Stop();
  server_->Shutdown(absl::ToChronoTime(absl::Now() + kCloseTimeout));
  server_ = nullptr;
  // 5. Posted work of calls may use the services, so it must end first.
  lanes_.Join();
  if (backends_.images != nullptr) backends_.images->WaitForPosted();
}

}  // namespace portrait
