// PortraitClient is the way into a portraitd: a channel, the token that goes
// with each call, and the stubs to call with.
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
// For many contacts see bulk_enricher.h, for changes change_watcher.h.
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
  // Sent as "authorization: Bearer TOKEN"; empty: nothing is sent.
  std::string token = "";
  // Encrypt, and check the server's certificate: against `ca_file` (PEM), or
  // the machine's own roots when that is empty. A `ca_file` implies `tls`.
  bool tls = false;
  std::string ca_file = "";
};

// Thread-safe. Outlives the calls made with it.
class PortraitClient {
 public:
  // Does not connect yet: the first call does.
  //
  // Errors: INVALID_ARGUMENT (server or token is malformed), NOT_FOUND or
  // PERMISSION_DENIED (ca_file cannot be read).
  static absl::StatusOr<std::unique_ptr<PortraitClient>> Make(
      ClientOptions options);

  v1::ProfilePictureService::Stub& pictures() { return *pictures_; }
  v1::SessionService::Stub& sessions() { return *sessions_; }
  grpc::health::v1::Health::Stub& health() { return *health_; }
  v1::AccessService::Stub& access() { return *access_; }
  v1::AdminService::Stub& admin() { return *admin_; }

  // A context for one call, carrying the token. `timeout` bounds the whole
  // call; InfiniteDuration: no bound, for streams.
  std::unique_ptr<grpc::ClientContext> NewContext(absl::Duration timeout) const;

  // The address, for messages to people.
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

// A token as it stands in a file: white space around it is dropped.
//
// Errors: NOT_FOUND, PERMISSION_DENIED, INVALID_ARGUMENT (holds no token).
absl::StatusOr<std::string> ReadTokenFile(const std::string& path);

// The same code and message.
absl::Status ToStatus(const grpc::Status& status);

// Whether a call that ended so may succeed when made again unchanged. False
// for what somebody has to correct first: the token, the request, the accounts.
bool IsTransient(absl::StatusCode code);

}  // namespace portrait::client

#endif  // PORTRAIT_CLIENT_PORTRAIT_CLIENT_H_
