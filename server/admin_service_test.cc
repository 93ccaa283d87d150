// Tests key rotation, backups and the store's condition, over a gRPC channel
// and with a RocksDB store.
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "core/base/files.h"
#include "core/store/backups.h"
#include "core/store/testing/test_observations.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "portrait/v1/admin.grpc.pb.h"
#include "server/testing/service_test_world.h"
#include "tests/support/temporary_folder.h"

namespace portrait {
namespace {

using ::testing::HasSubstr;

using Stub = v1::AdminService::Stub;

class AdminServiceTest : public testing::Test {
 protected:
  AdminServiceTest() { Serve(folder_.path() + "/backups"); }

  void Serve(const std::string& backup_dir) {
    server_.reset();
    ServerOptions options;
    options.backup_dir = backup_dir;
    server_ = world_.Serve(options);
    admin_ = v1::AdminService::NewStub(grpc::CreateChannel(
        server_->address(), grpc::InsecureChannelCredentials()));
  }

  template <typename Request, typename Response>
  grpc::Status Call(grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                 const Request&, Response*),
                    const Request& request, Response* response) {
    return (*admin_.*method)(world_.Context().get(), request, response);
  }

  void Store(const std::string& jid, int second) {
    const std::vector<Observation> seen = {
        Available(jid, absl::StrCat(second), second)};
    ASSERT_TRUE(world_.stores.pictures->Apply(seen).ok());
  }

  const TemporaryFolder folder_;
  World world_{*OpenRocksDbStores(folder_.path() + "/db", RocksDbOptions())};
  std::unique_ptr<PortraitServer> server_;
  std::unique_ptr<Stub> admin_;
};

TEST_F(AdminServiceTest, IsForAdminsOnly) {
  const std::string token = world_.MakeLookupToken();
  v1::GetStoreStatsResponse stats;
  EXPECT_EQ(
      admin_->GetStoreStats(world_.ContextWithToken(token).get(), {}, &stats)
          .error_code(),
      grpc::StatusCode::PERMISSION_DENIED);
  v1::RotateKeyResponse rotated;
  EXPECT_EQ(
      admin_->RotateKey(world_.ContextWithToken("pt_x").get(), {}, &rotated)
          .error_code(),
      grpc::StatusCode::UNAUTHENTICATED);
}

TEST_F(AdminServiceTest, ANewKeySealsTheAccountsAndIsInTheFile) {
  ASSERT_TRUE(
      world_.sealed->Save({.name = "ada", .device = whatsapp::MakeDevice()})
          .ok());
  const std::string key_file = world_.folder.path() + "/portrait.key";
  const std::string key = *ReadFile(key_file);
  const std::string record = *world_.stores.sessions->Get("ada");
  v1::RotateKeyResponse response;
  const grpc::Status status = Call(&Stub::RotateKey, {}, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.sessions(), 1u);
  EXPECT_NE(*ReadFile(key_file), key);
  EXPECT_NE(*world_.stores.sessions->Get("ada"), record);
  const auto opened = SealedSessions::Open(*world_.stores.sessions, key_file);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_TRUE((*opened)->LoadAll().ok());
}

TEST_F(AdminServiceTest, BackupsAreMadeListedAndVerified) {
  Store(kAlice, 1);
  v1::CreateBackupRequest request;
  request.set_keep(2);
  for (uint32_t id = 1; id <= 3; ++id) {
    v1::CreateBackupResponse made;
    const grpc::Status status = Call(&Stub::CreateBackup, request, &made);
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(made.backup().backup_id(), id);
    EXPECT_GT(made.backup().size_bytes(), 0u);
    EXPECT_EQ(made.folder(), folder_.path() + "/backups");
  }
  v1::ListBackupsResponse list;
  ASSERT_TRUE(Call(&Stub::ListBackups, {}, &list).ok());
  ASSERT_EQ(list.backups_size(), 2);
  EXPECT_EQ(list.backups(0).backup_id(), 2u);
  v1::VerifyBackupsResponse verified;
  ASSERT_TRUE(Call(&Stub::VerifyBackups, {}, &verified).ok());
  EXPECT_GT(verified.files(), 0u);
  EXPECT_TRUE(verified.damaged().empty());
}

TEST_F(AdminServiceTest, WithoutABackupFolderTheErrorNamesTheFlag) {
  Serve(/*backup_dir=*/"");
  v1::CreateBackupResponse made;
  const grpc::Status status = Call(&Stub::CreateBackup, {}, &made);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(status.error_message(), HasSubstr("--backup-dir"));
}

TEST_F(AdminServiceTest, ReportsTheContentOfAnIntactStore) {
  Store(kAlice, 1);
  Store(kAlice, 2);
  v1::CompactStoreResponse compacted;
  ASSERT_TRUE(Call(&Stub::CompactStore, {}, &compacted).ok());
  EXPECT_GT(compacted.size_bytes_after(), 0u);
  v1::GetStoreStatsResponse stats;
  ASSERT_TRUE(Call(&Stub::GetStoreStats, {}, &stats).ok());
  EXPECT_EQ(stats.last_sequence(), 2u);
  EXPECT_GT(stats.free_disk_bytes(), 0u);
  ASSERT_GT(stats.families_size(), 0);
  EXPECT_EQ(stats.families(0).name(), "contacts");
  EXPECT_EQ(stats.families(0).keys(), 1u);
  EXPECT_EQ(stats.families(0).tables(), 1u);
  v1::VerifyStoreResponse verified;
  ASSERT_TRUE(Call(&Stub::VerifyStore, {}, &verified).ok());
  EXPECT_GE(verified.files(), 2u);
  EXPECT_TRUE(verified.damaged().empty());
}

// Compact runs until the test ends it, or until it is cancelled.
class SlowMaintenance final : public StoreMaintenance {
 public:
  absl::StatusOr<Backup> CreateBackup(const std::string&, size_t) override {
    return Backup();
  }
  absl::StatusOr<VerifyReport> VerifyBackups(const std::string&) override {
    return VerifyReport();
  }
  absl::StatusOr<VerifyReport> Verify() override { return VerifyReport(); }
  absl::Status Compact() override {
    started.Notify();
    cancelled.WaitForNotification();
    return absl::CancelledError("shutting down");
  }
  absl::StatusOr<StoreStats> GetStats() override { return StoreStats(); }
  absl::Status CheckWrites() override { return absl::OkStatus(); }
  void Allow() override {}
  void Cancel() override {
    if (!cancelled.HasBeenNotified()) cancelled.Notify();
  }

  absl::Notification started, cancelled;
};

TEST(AdminServiceWorkTest, OneLongCallRunsAtATimeAndEndsWithTheServer) {
  Stores stores = NewMemoryStores();
  auto* slow = new SlowMaintenance;
  stores.maintenance.reset(slow);
  World world(std::move(stores));
  const auto admin = v1::AdminService::NewStub(world.channel);
  grpc::Status compacted;
  std::thread caller([&] {
    v1::CompactStoreResponse response;
    compacted = admin->CompactStore(world.Context().get(), {}, &response);
  });
  slow->started.WaitForNotification();
  v1::VerifyStoreResponse verified;
  EXPECT_EQ(
      admin->VerifyStore(world.Context().get(), {}, &verified).error_code(),
      grpc::StatusCode::ABORTED);
  v1::GetStoreStatsResponse stats;
  EXPECT_TRUE(admin->GetStoreStats(world.Context().get(), {}, &stats).ok());
  world.server->Drain(absl::ZeroDuration());
  caller.join();
  EXPECT_FALSE(compacted.ok());
  EXPECT_TRUE(slow->cancelled.HasBeenNotified());
}

}  // namespace
}  // namespace portrait
