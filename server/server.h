// PortraitServer is the gRPC part of portraitd: it serves all services on one
// port, from binding to draining.
#ifndef PORTRAIT_SERVER_SERVER_H_
#define PORTRAIT_SERVER_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "grpcpp/channel.h"
#include "grpcpp/server.h"
#include "server/access_service.h"
#include "server/admin_service.h"
#include "server/backends.h"
#include "server/connections.h"
#include "server/direct_lookup.h"
#include "server/direct_stream.h"
#include "server/image_health.h"
#include "server/lookup_health.h"
#include "server/profile_picture_service.h"
#include "server/server_options.h"
#include "server/session_service.h"

namespace portrait {

// Thread-compatible. Serves from Start until Drain or its destruction.
class PortraitServer {
 public:
  // The objects in `backends` must outlive the server, and so must `io`, which
  // its owner runs. `port` stays open when the server ends; if it is null, the
  // server opens that of `options` and closes it.
  //
  // Errors: INVALID_ARGUMENT naming the flag; UNAVAILABLE if the address cannot
  // be listened on.
  static absl::StatusOr<std::unique_ptr<PortraitServer>> Start(
      boost::asio::io_context& io, const Backends& backends,
      ServerOptions options, std::shared_ptr<Connections> port = nullptr);
  ~PortraitServer();

  // The bound HOST:PORT, or unix:PATH.
  std::string address() const { return port_->address().ToString(); }

  // A channel to this server without a network, for other protocols' requests:
  // their calls pass the same interceptors and handlers. Call it before Drain.
  std::shared_ptr<grpc::Channel> NewInProcessChannel();
  // Calls GetProfilePicture without gRPC. The server outlives the call.
  std::shared_ptr<DirectLookup> StartLookup(const DirectCall& call) const {
    return DirectLookup::Start(backends_, call);
  }
  // The same for EnrichProfilePictures.
  std::shared_ptr<DirectStream> StartEnrich(const DirectCall& call) const {
    return DirectStream::Start(backends_, streams_, call);
  }

  // Whether a call with these values of the header "authorization" has a valid
  // token. The call's gate still decides.
  bool KnowsCaller(absl::Span<const absl::string_view> authorizations) const;

  // The token that "Bearer TOKEN" stands for, without its secret.
  //
  // Errors: UNAUTHENTICATED; PERMISSION_DENIED if it lacks the right.
  absl::StatusOr<v1::Token> FindToken(absl::string_view authorization,
                                      v1::Right needed) const;
  // See TenantGuard::Findings; empty if the guard is off.
  std::vector<GuardFinding> GuardFindings() const;

  // Stops serving: refuses new lookups, gives running ones `timeout` to finish,
  // ends every stream with the status `why`, which asks to reconnect, and
  // closes a port of its own. Drains the engine, too. Idempotent.
  void Drain(absl::Duration timeout,
             const absl::Status& why = ShuttingDownStatus());

 private:
  PortraitServer(boost::asio::io_context& io, const Backends& backends,
                 const ServerOptions& options,
                 std::shared_ptr<Connections> port, bool owns_port);

  Backends WithOwn(Backends backends);
  absl::Status Serve(const ServerOptions& options,
                     std::shared_ptr<grpc::ServerCredentials> credentials);

  boost::asio::io_context& io_;
  const std::shared_ptr<Connections> port_;
  const bool owns_port_;
  CallLanes lanes_;
  CallCounts waiting_lookups_;
  const Backends backends_;
  const std::shared_ptr<OpenStreams> streams_;
  ProfilePictureService pictures_;
  SessionService sessions_;
  AccessService access_;
  AdminService admin_;
  std::shared_ptr<grpc::ServerCredentials> credentials_;
  std::shared_ptr<LookupHealth> lookup_health_;
  std::shared_ptr<ImageHealth> image_health_;  // null: no images
  std::unique_ptr<grpc::Server> server_;       // null: not serving (any more)
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_SERVER_H_
