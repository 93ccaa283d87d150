// AdminService: the server's seal key, its store, backups, and its cluster.
#ifndef PORTRAIT_SERVER_ADMIN_SERVICE_H_
#define PORTRAIT_SERVER_ADMIN_SERVICE_H_

#include <atomic>
#include <functional>
#include <string>

#include <boost/asio/thread_pool.hpp>

#include "absl/status/status.h"
#include "grpcpp/support/server_callback.h"
#include "portrait/v1/admin.grpc.pb.h"
#include "server/backends.h"

namespace portrait {

// Callers need a token with the admin role. Thread-safe. Long operations run on
// a separate thread, one call at a time.
class AdminService final : public v1::AdminService::CallbackService {
 public:
  // `backends` is borrowed. If `backup_folder` is empty, no backups are made.
  AdminService(const Backends& backends, std::string backup_folder)
      : backends_(backends), backup_folder_(std::move(backup_folder)) {}
  ~AdminService() override { thread_.join(); }

  // Cancels the running operation and refuses later ones.
  void Shutdown() { backends_.maintenance.Cancel(); }

  grpc::ServerUnaryReactor* RotateKey(grpc::CallbackServerContext* context,
                                      const v1::RotateKeyRequest* request,
                                      v1::RotateKeyResponse* response) override;
  grpc::ServerUnaryReactor* CreateBackup(
      grpc::CallbackServerContext* context,
      const v1::CreateBackupRequest* request,
      v1::CreateBackupResponse* response) override;
  grpc::ServerUnaryReactor* ListBackups(
      grpc::CallbackServerContext* context,
      const v1::ListBackupsRequest* request,
      v1::ListBackupsResponse* response) override;
  grpc::ServerUnaryReactor* VerifyBackups(
      grpc::CallbackServerContext* context,
      const v1::VerifyBackupsRequest* request,
      v1::VerifyBackupsResponse* response) override;
  grpc::ServerUnaryReactor* VerifyStore(
      grpc::CallbackServerContext* context,
      const v1::VerifyStoreRequest* request,
      v1::VerifyStoreResponse* response) override;
  grpc::ServerUnaryReactor* CompactStore(
      grpc::CallbackServerContext* context,
      const v1::CompactStoreRequest* request,
      v1::CompactStoreResponse* response) override;
  grpc::ServerUnaryReactor* GetStoreStats(
      grpc::CallbackServerContext* context,
      const v1::GetStoreStatsRequest* request,
      v1::GetStoreStatsResponse* response) override;
  grpc::ServerUnaryReactor* ListObjections(
      grpc::CallbackServerContext* context,
      const v1::ListObjectionsRequest* request,
      v1::ListObjectionsResponse* response) override;
  grpc::ServerUnaryReactor* RemoveObjection(
      grpc::CallbackServerContext* context,
      const v1::RemoveObjectionRequest* request,
      v1::RemoveObjectionResponse* response) override;
  grpc::ServerUnaryReactor* GetCluster(
      grpc::CallbackServerContext* context,
      const v1::GetClusterRequest* request,
      v1::GetClusterResponse* response) override;
  grpc::ServerUnaryReactor* DrainNode(grpc::CallbackServerContext* context,
                                      const v1::DrainNodeRequest* request,
                                      v1::DrainNodeResponse* response) override;

 private:
  // `work` fills the response on `thread_`; meanwhile other calls are refused.
  grpc::ServerUnaryReactor* RunAlone(grpc::CallbackServerContext* context,
                                     std::function<absl::Status()> work);
  absl::Status CheckBackupFolder() const;

  const Backends& backends_;
  const std::string backup_folder_;
  std::atomic<bool> busy_ = false;
  boost::asio::thread_pool thread_{1};
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_ADMIN_SERVICE_H_
