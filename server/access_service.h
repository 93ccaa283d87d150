// AccessService: access tokens and the usage of tenants.
#ifndef PORTRAIT_SERVER_ACCESS_SERVICE_H_
#define PORTRAIT_SERVER_ACCESS_SERVICE_H_

#include "grpcpp/support/server_callback.h"
#include "portrait/v1/access.grpc.pb.h"
#include "server/backends.h"

namespace portrait {

// Callers need a token with the admin role; any token may read the usage of its
// own tenant. Thread-safe.
class AccessService final : public v1::AccessService::CallbackService {
 public:
  // `backends` is borrowed.
  explicit AccessService(const Backends& backends) : backends_(backends) {}

  grpc::ServerUnaryReactor* CreateToken(
      grpc::CallbackServerContext* context,
      const v1::CreateTokenRequest* request,
      v1::CreateTokenResponse* response) override;
  grpc::ServerUnaryReactor* ListTokens(
      grpc::CallbackServerContext* context,
      const v1::ListTokensRequest* request,
      v1::ListTokensResponse* response) override;
  grpc::ServerUnaryReactor* RevokeToken(
      grpc::CallbackServerContext* context,
      const v1::RevokeTokenRequest* request,
      v1::RevokeTokenResponse* response) override;
  grpc::ServerUnaryReactor* GetUsage(grpc::CallbackServerContext* context,
                                     const v1::GetUsageRequest* request,
                                     v1::GetUsageResponse* response) override;

 private:
  const Backends& backends_;
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_ACCESS_SERVICE_H_
