// PortraitClient connects to a Portrait server. It has a gRPC channel, the
// token that each call sends, and a stub for each service.
//
//   ASSIGN_OR_RETURN(auto client, PortraitClient::Make({.server = "host:7700",
//                                                       .token = token}));
//   v1::GetProfilePictureRequest request;
//   request.set_contact("+13105551234");
//   v1::GetProfilePictureResponse response;
//   auto context = client->NewContext(absl::Seconds(30));
//   grpc::Status status =
//       client->pictures().GetProfilePicture(context.get(), request,
//       &response);
//
// To look up many contacts, see bulk_enricher.h; to receive changes, see
// change_watcher.h.
#ifndef PORTRAIT_CLIENT_PORTRAIT_CLIENT_H_
#define PORTRAIT_CLIENT_PORTRAIT_CLIENT_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "portrait/v1/access.grpc.pb.h"
#include "portrait/v1/admin.grpc.pb.h"
#include "portrait/v1/profile_picture.grpc.pb.h"
#include "portrait/v1/session.grpc.pb.h"

namespace portrait::client {

inline constexpr int kDefaultPort = 7700;

struct ClientOptions {
  // "HOST:PORT", "HOST" (port 7700), "[::1]:7700" or "unix:PATH".
  std::string server = "127.0.0.1:7700";
  // Sent as "authorization: Bearer TOKEN". Empty: no token is sent.
  std::string token = "";
  // Whether to use TLS. The server's certificate is verified against `ca_file`
  // (PEM) or, if that is empty, against the system's root certificates. Each
  // of the files below implies `tls`.
  bool tls = false;
  std::string ca_file = "";
  // The client's own certificate with its chain, and its private key (PEM), for
  // mutual TLS: both or neither.
  std::string cert_file = "";
  std::string key_file = "";
  // If set, the server must have exactly this certificate (PEM), whatever name
  // the certificate has; `ca_file` is not used.
  std::string server_certificate_file = "";
};

// Thread-safe. Must outlive all calls made with it.
class PortraitClient {
 public:
  // Makes a client. The connection is opened by the first call.
  //
  // Errors: INVALID_ARGUMENT (server or token is malformed, or only one of
  // cert_file and key_file is given), NOT_FOUND or PERMISSION_DENIED (a file
  // cannot be read).
  static absl::StatusOr<std::unique_ptr<PortraitClient>> Make(
      ClientOptions options);

  v1::ProfilePictureService::Stub& pictures() { return *pictures_; }
  v1::SessionService::Stub& sessions() { return *sessions_; }
  grpc::health::v1::Health::Stub& health() { return *health_; }
  v1::AccessService::Stub& access() { return *access_; }
  v1::AdminService::Stub& admin() { return *admin_; }

  // Returns a context for one call, with the token. `timeout` limits the whole
  // call; InfiniteDuration, which is meant for streams, sets no limit.
  std::unique_ptr<grpc::ClientContext> NewContext(absl::Duration timeout) const;

  // The server's address, for messages.
  const std::string& server() const { return options_.server; }

 private:
  PortraitClient(ClientOptions options, std::shared_ptr<grpc::Channel> channel);

  const ClientOptions options_;
  const std::unique_ptr<v1::ProfilePictureService::Stub> pictures_;
  const std::unique_ptr<v1::SessionService::Stub> sessions_;
  const std::unique_ptr<v1::AccessService::Stub> access_;
  const std::unique_ptr<grpc::health::v1::Health::Stub> health_;
  const std::unique_ptr<v1::AdminService::Stub> admin_;
};

// Reads a token from a file and removes white space around it.
//
// Errors: NOT_FOUND, PERMISSION_DENIED, INVALID_ARGUMENT (the file has no
// token).
absl::StatusOr<std::string> ReadTokenFile(const std::string& path);

// Converts a gRPC status; keeps its code and message.
absl::Status ToStatus(const grpc::Status& status);

// Whether the same call may succeed when it is retried. False if the token, the
// request or the linked accounts must be corrected first.
bool IsTransient(absl::StatusCode code);

}  // namespace portrait::client

#endif  // PORTRAIT_CLIENT_PORTRAIT_CLIENT_H_
