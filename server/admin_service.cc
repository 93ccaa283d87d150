#include "server/admin_service.h"

#include <utility>
#include <vector>

#include <boost/asio/post.hpp>

#include "core/base/proto_time.h"
#include "core/base/status_macros.h"
#include "core/store/backups.h"
#include "server/call_gate.h"
#include "server/cluster_calls.h"
#include "server/contact_objections.h"
#include "server/store_call.h"
#include "server/unary_call.h"

namespace portrait {
namespace {

v1::Backup ToProto(const Backup& backup) {
  v1::Backup proto;
  proto.set_backup_id(backup.id);
  *proto.mutable_create_time() = portrait::ToProto(backup.made_at);
  proto.set_size_bytes(backup.bytes);
  proto.set_files(backup.files);
  return proto;
}

template <typename Response>
void Fill(const VerifyReport& report, Response* response) {
  response->set_files(report.files);
  response->set_size_bytes(report.bytes);
  for (const DamagedFile& damaged : report.damaged) {
    v1::DamagedFile& proto = *response->add_damaged();
    proto.set_file(damaged.name);
    proto.set_family(damaged.family);
    proto.set_size_bytes(damaged.bytes);
    proto.set_problem(damaged.problem);
  }
}

uint64_t TableBytes(const StoreStats& stats) {
  uint64_t bytes = 0;
  for (const FamilyStats& family : stats.families) bytes += family.table_bytes;
  return bytes;
}

absl::Status Compact(StoreMaintenance& maintenance,
                     v1::CompactStoreResponse* response) {
  ASSIGN_OR_RETURN(const StoreStats before, maintenance.GetStats());
  RETURN_IF_ERROR(maintenance.Compact());
  ASSIGN_OR_RETURN(const StoreStats after, maintenance.GetStats());
  response->set_size_bytes_before(TableBytes(before) + before.log_bytes);
  response->set_size_bytes_after(TableBytes(after) + after.log_bytes);
  return absl::OkStatus();
}

absl::Status FillStats(StoreMaintenance& maintenance,
                       v1::GetStoreStatsResponse* response) {
  ASSIGN_OR_RETURN(const StoreStats stats, maintenance.GetStats());
  for (const FamilyStats& family : stats.families) {
    v1::StoreFamily& proto = *response->add_families();
    proto.set_name(family.name);
    proto.set_keys(family.keys);
    proto.set_tables(family.tables);
    proto.set_table_bytes(family.table_bytes);
    proto.set_memory_bytes(family.memory_bytes);
    proto.set_pending_compaction_bytes(family.pending_compaction_bytes);
  }
  response->set_log_bytes(stats.log_bytes);
  response->set_free_disk_bytes(stats.free_disk_bytes);
  response->set_last_sequence(stats.last_sequence);
  response->set_schema_version(stats.schema_version);
  return absl::OkStatus();
}

}  // namespace

grpc::ServerUnaryReactor* AdminService::RunAlone(
    grpc::CallbackServerContext* context, std::function<absl::Status()> work) {
  const UnaryCall call(context);
  absl::Status status = CallerOf(*context).status();
  if (status.ok() && busy_.exchange(true)) {
    status = absl::AbortedError(
        "another rotation, backup, verification or compaction is running; "
        "retry after it has ended");
  }
  if (!status.ok()) {
    call.Finish(status);
    return call.reactor();
  }
  boost::asio::post(thread_, [this, call, work = std::move(work)] {
    const absl::Status done = work();
    busy_ = false;
    call.Finish(done);
  });
  return call.reactor();
}

absl::Status AdminService::CheckBackupFolder() const {
  if (!backup_folder_.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "no backup folder: start the server with --backup-dir");
}

grpc::ServerUnaryReactor* AdminService::RotateKey(
    grpc::CallbackServerContext* context,
    const v1::RotateKeyRequest* /*request*/, v1::RotateKeyResponse* response) {
  return RunAlone(context, [this, response] {
    ASSIGN_OR_RETURN(const size_t sessions, backends_.sealed.RotateKey());
    response->set_sessions(static_cast<uint32_t>(sessions));
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* AdminService::CreateBackup(
    grpc::CallbackServerContext* context,
    const v1::CreateBackupRequest* request,
    v1::CreateBackupResponse* response) {
  return RunAlone(context, [this, request, response] {
    RETURN_IF_ERROR(CheckBackupFolder());
    ASSIGN_OR_RETURN(const Backup backup, backends_.maintenance.CreateBackup(
                                              backup_folder_, request->keep()));
    *response->mutable_backup() = ToProto(backup);
    response->set_folder(backup_folder_);
    response->add_left_out("the key file");
    if (backends_.images != nullptr) {
      response->add_left_out("the images of pictures (--images)");
    }
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* AdminService::ListBackups(
    grpc::CallbackServerContext* context,
    const v1::ListBackupsRequest* /*request*/,
    v1::ListBackupsResponse* response) {
  return AnswerOnStoreThread(
      backends_, context, [this, response](const Principal&) {
        RETURN_IF_ERROR(CheckBackupFolder());
        ASSIGN_OR_RETURN(const std::vector<Backup> backups,
                         portrait::ListBackups(backup_folder_));
        for (const Backup& backup : backups) {
          *response->add_backups() = ToProto(backup);
        }
        response->set_folder(backup_folder_);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* AdminService::VerifyBackups(
    grpc::CallbackServerContext* context,
    const v1::VerifyBackupsRequest* /*request*/,
    v1::VerifyBackupsResponse* response) {
  return RunAlone(context, [this, response] {
    RETURN_IF_ERROR(CheckBackupFolder());
    ASSIGN_OR_RETURN(const VerifyReport report,
                     backends_.maintenance.VerifyBackups(backup_folder_));
    Fill(report, response);
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* AdminService::VerifyStore(
    grpc::CallbackServerContext* context,
    const v1::VerifyStoreRequest* /*request*/,
    v1::VerifyStoreResponse* response) {
  return RunAlone(context, [this, response] {
    ASSIGN_OR_RETURN(const VerifyReport report, backends_.maintenance.Verify());
    Fill(report, response);
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* AdminService::CompactStore(
    grpc::CallbackServerContext* context,
    const v1::CompactStoreRequest* /*request*/,
    v1::CompactStoreResponse* response) {
  return RunAlone(context, [this, response] {
    return Compact(backends_.maintenance, response);
  });
}

grpc::ServerUnaryReactor* AdminService::GetStoreStats(
    grpc::CallbackServerContext* context,
    const v1::GetStoreStatsRequest* /*request*/,
    v1::GetStoreStatsResponse* response) {
  return AnswerOnStoreThread(
      backends_, context, [this, response](const Principal&) {
        return FillStats(backends_.maintenance, response);
      });
}

grpc::ServerUnaryReactor* AdminService::ListObjections(
    grpc::CallbackServerContext* context,
    const v1::ListObjectionsRequest* request,
    v1::ListObjectionsResponse* response) {
  return AnswerOnStoreThread(
      backends_, context, [this, request, response](const Principal&) {
        return portrait::ListObjections(backends_.store, *request, response);
      });
}

grpc::ServerUnaryReactor* AdminService::RemoveObjection(
    grpc::CallbackServerContext* context,
    const v1::RemoveObjectionRequest* request,
    v1::RemoveObjectionResponse* response) {
  return AnswerOnStoreThread(
      backends_, context, [this, request, response](const Principal&) {
        return portrait::RemoveObjection(backends_.store, *request, response);
      });
}

grpc::ServerUnaryReactor* AdminService::GetCluster(
    grpc::CallbackServerContext* context,
    const v1::GetClusterRequest* /*request*/,
    v1::GetClusterResponse* response) {
  return AnswerOnStoreThread(backends_, context,
                             [this, response](const Principal&) {
                               return ListNodes(backends_, response);
                             });
}

grpc::ServerUnaryReactor* AdminService::DrainNode(
    grpc::CallbackServerContext* context, const v1::DrainNodeRequest* request,
    v1::DrainNodeResponse* /*response*/) {
  return AnswerOnStoreThread(backends_, context,
                             [this, request](const Principal&) {
                               return HandOverFrom(backends_, request->name());
                             });
}

}  // namespace portrait
