// Tests backups, verification and statistics of a store that keeps serving.
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/files.h"
#include "core/store/backups.h"
#include "core/store/picture_store.h"
#include "core/store/rocksdb_database.h"
#include "core/store/testing/sample_store.h"
#include "core/store/testing/test_observations.h"
#include "core/store/withdrawals.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/store_files.h"
#include "tests/support/temporary_folder.h"

namespace portrait {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class MaintenanceTest : public testing::Test {
 protected:
  MaintenanceTest() { Open(); }

  void Open() {
    stores_ = Stores();
    auto stores = OpenRocksDbStores(folder(), RocksDbOptions());
    ASSERT_TRUE(stores.ok()) << stores.status();
    stores_ = *std::move(stores);
  }
  StoreMaintenance& maintenance() { return *stores_.maintenance; }
  std::string folder() const { return temporary_.path() + "/db"; }
  std::string backups() const { return temporary_.path() + "/backups"; }
  std::string restored() const { return temporary_.path() + "/restored"; }

  uint32_t BackUp(size_t keep = 0) {
    const auto backup = maintenance().CreateBackup(backups(), keep);
    EXPECT_TRUE(backup.ok()) << backup.status();
    return backup.ok() ? backup->id : 0;
  }
  void Apply(const std::string& jid, const std::string& id, int second) {
    const std::vector<Observation> seen = {Available(jid, id, second)};
    ASSERT_TRUE(stores_.pictures->Apply(seen).ok());
  }
  static absl::StatusOr<std::vector<StoredContact>> Get(
      Stores& stores, std::vector<std::string> jids) {
    return stores.pictures->Get(jids);
  }

  static std::vector<std::string> FilesIn(const std::string& folder,
                                          const std::string& extension) {
    std::vector<std::string> files;
    for (const auto& file : fs::recursive_directory_iterator(folder)) {
      if (file.path().extension() == extension) files.push_back(file.path());
    }
    return files;
  }

  const TemporaryFolder temporary_;
  Stores stores_;
};

TEST_F(MaintenanceTest, ABackupIsRestoredWithAllData) {
  ASSERT_TRUE(WriteSample(stores_).ok());
  BackUp();
  const std::string stored = *DescribeSample(stores_);
  Apply(kAlice, "later", 1000);
  const auto backup = RestoreBackup(backups(), /*id=*/0, restored());
  ASSERT_TRUE(backup.ok()) << backup.status();
  auto stores = OpenRocksDbStores(restored(), RocksDbOptions());
  ASSERT_TRUE(stores.ok()) << stores.status();
  EXPECT_EQ(*DescribeSample(*stores), stored);
}

TEST_F(MaintenanceTest, ABackupRestoresNoRevokedTokenAndNoForgottenContact) {
  const std::string token = "token/" + std::string(64, 'a');
  ASSERT_TRUE(stores_.access->Put(token, "revoked later").ok());
  ASSERT_TRUE(stores_.access->Put("token/b", "kept").ok());
  Apply(kAlice, "1", 1);
  Apply(kBob, "1", 1);
  BackUp();
  ASSERT_TRUE(stores_.access->Delete(token).ok());
  ASSERT_TRUE(stores_.pictures->Forget(kAlice, /*suppress=*/true).ok());
  stores_ = Stores();
  fs::remove_all(folder());
  ASSERT_TRUE(RestoreBackup(backups(), /*id=*/0, folder()).ok());
  const auto withdrawn = ApplyWithdrawals(folder());
  ASSERT_TRUE(withdrawn.ok()) << withdrawn.status();
  EXPECT_TRUE(withdrawn->is_known);
  EXPECT_EQ(withdrawn->tokens, 1u);
  EXPECT_EQ(withdrawn->contacts, 1u);
  Open();
  EXPECT_TRUE(absl::IsNotFound(stores_.access->Get(token).status()));
  EXPECT_TRUE(stores_.access->Get("token/b").ok());
  const auto contacts = Get(stores_, {kAlice, kBob});
  ASSERT_TRUE(contacts.ok()) << contacts.status();
  EXPECT_TRUE(contacts->at(0).suppressed);
  EXPECT_FALSE(contacts->at(0).record.has_value());
  EXPECT_TRUE(contacts->at(1).record.has_value());
}

TEST_F(MaintenanceTest, ABackupRestoresNoRemovedObjection) {
  ASSERT_TRUE(stores_.pictures->Forget(kAlice, /*suppress=*/true).ok());
  ASSERT_TRUE(stores_.pictures->Forget(kBob, /*suppress=*/true).ok());
  BackUp();
  const std::string id = stores_.pictures->ObjectionIdOf(kAlice);
  EXPECT_EQ(*stores_.pictures->RemoveObjection(id), 1u);
  stores_ = Stores();
  fs::remove_all(folder());
  ASSERT_TRUE(RestoreBackup(backups(), /*id=*/0, folder()).ok());
  ASSERT_TRUE(ApplyWithdrawals(folder()).ok());
  Open();
  const auto contacts = Get(stores_, {kAlice, kBob});
  ASSERT_TRUE(contacts.ok()) << contacts.status();
  EXPECT_FALSE(contacts->at(0).suppressed);
  EXPECT_TRUE(contacts->at(1).suppressed);
}

TEST_F(MaintenanceTest, NoBackupIsCreatedInAFolderThatOthersCanRead) {
  fs::create_directory(backups());
  for (const fs::perms open :
       {fs::perms::others_read, fs::perms::group_write}) {
    fs::permissions(backups(), fs::perms::owner_all | open);
    EXPECT_EQ(maintenance().CreateBackup(backups(), 0).status().code(),
              absl::StatusCode::kFailedPrecondition);
  }
  fs::permissions(backups(), fs::perms::owner_all);
  EXPECT_EQ(BackUp(), 1u);
}

TEST_F(MaintenanceTest, ALogThatIsMissingIsNoticed) {
  const std::string at = temporary_.path() + "/other";
  {
    auto database =
        RocksDbDatabase::Open(at, RocksDbOptions(), rocksdb::Env::Default());
    ASSERT_TRUE(database.ok()) << database.status();
    rocksdb::WriteBatch batch;
    batch.Put((*database)->family(Family::kAccess), "key", "value");
    ASSERT_TRUE((*database)->Write(batch, StoreSync::kBatch, "test").ok());
    // A new log begins, while the log before it is still needed.
    ASSERT_TRUE(
        (*database)
            ->db()
            .Flush(rocksdb::FlushOptions(), (*database)->family(Family::kMeta))
            .ok());
  }
  const std::vector<std::string> logs = FilesIn(at, ".log");
  ASSERT_THAT(logs, SizeIs(2));
  fs::remove(*std::min_element(logs.begin(), logs.end()));
  const auto database =
      RocksDbDatabase::Open(at, RocksDbOptions(), rocksdb::Env::Default());
  EXPECT_EQ(database.status().code(), absl::StatusCode::kDataLoss)
      << database.status();
}

TEST_F(MaintenanceTest, ABackupDuringWritesIsConsistent) {
  std::atomic<bool> stop = false;
  std::atomic<int> written = 0;
  std::thread writer([&] {
    for (int i = 1; !stop; ++i) {
      const std::vector<Observation> both = {
          Available(kAlice, absl::StrCat(i), i),
          Available(kBob, absl::StrCat(i), i)};
      EXPECT_TRUE(stores_.pictures->Apply(both).ok());
      written = i;
    }
  });
  for (uint32_t id = 1; id <= 3; ++id) {
    // Each backup needs a new record.
    const int before = written;
    while (written < before + 3) std::this_thread::yield();
    EXPECT_EQ(BackUp(), id);
  }
  stop = true;
  writer.join();
  for (uint32_t id = 1; id <= 3; ++id) {
    SCOPED_TRACE(id);
    fs::remove_all(restored());
    ASSERT_TRUE(RestoreBackup(backups(), id, restored()).ok());
    auto stores = OpenRocksDbStores(restored(), RocksDbOptions());
    ASSERT_TRUE(stores.ok()) << stores.status();
    const auto contacts = Get(*stores, {kAlice, kBob});
    ASSERT_TRUE(contacts.ok()) << contacts.status();
    const std::string alice = contacts->at(0).record->id();
    EXPECT_EQ(alice, contacts->at(1).record->id());
    EXPECT_EQ(absl::StrCat(stores->pictures->last_sequence() / 2), alice);
    EXPECT_EQ(stores->pictures->ReadChanges(0, 1'000'000)->size(),
              stores->pictures->last_sequence());
  }
}

TEST_F(MaintenanceTest, BackupsArePrivateAndOldOnesAreDeleted) {
  for (int i = 1; i <= 4; ++i) {
    Apply(kAlice, absl::StrCat(i), i);
    BackUp(/*keep=*/2);
  }
  const auto list = ListBackups(backups());
  ASSERT_TRUE(list.ok()) << list.status();
  ASSERT_THAT(*list, SizeIs(2));
  EXPECT_EQ(list->at(0).id, 3u);
  EXPECT_EQ(list->at(1).id, 4u);
  EXPECT_GT(list->at(1).bytes, 0u);
  struct stat info = {};
  ASSERT_EQ(stat(backups().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
}

TEST_F(MaintenanceTest, ABackupIsNotRestoredOverAnything) {
  BackUp();
  EXPECT_EQ(RestoreBackup(backups(), 0, folder()).status().code(),
            absl::StatusCode::kFailedPrecondition);
  fs::create_directories(restored());
  std::ofstream(restored() + "/mine") << "precious";
  EXPECT_EQ(RestoreBackup(backups(), 0, restored()).status().code(),
            absl::StatusCode::kFailedPrecondition);
  fs::remove(restored() + "/mine");
  EXPECT_TRUE(RestoreBackup(backups(), 0, restored()).ok());
}

TEST_F(MaintenanceTest, AMissingBackupIsNamed) {
  EXPECT_EQ(RestoreBackup(backups(), 0, restored()).status().code(),
            absl::StatusCode::kNotFound);
  ASSERT_TRUE(MakeFolder(backups()).ok());
  EXPECT_EQ(RestoreBackup(backups(), 0, restored()).status().message(),
            absl::StrCat("there is no backup in ", backups()));
  BackUp();
  const absl::Status status = RestoreBackup(backups(), 7, restored()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("7"));
  EXPECT_FALSE(fs::exists(restored()));
}

TEST_F(MaintenanceTest, ADamagedBackupIsReportedAndNotRestored) {
  Apply(kAlice, "1", 1);
  BackUp();
  EXPECT_THAT(maintenance().VerifyBackups(backups())->damaged, SizeIs(0));
  const std::vector<std::string> tables = FilesIn(backups(), ".sst");
  ASSERT_FALSE(tables.empty());
  FlipByte(tables[0], 20);
  const auto report = maintenance().VerifyBackups(backups());
  ASSERT_TRUE(report.ok()) << report.status();
  ASSERT_THAT(report->damaged, SizeIs(1));
  EXPECT_EQ(report->damaged[0].name, "backup 1");
  EXPECT_THAT(report->damaged[0].problem,
              HasSubstr(fs::path(tables[0]).filename().string()));
  const absl::Status status = RestoreBackup(backups(), 0, restored()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
  EXPECT_FALSE(fs::exists(restored()));
}

TEST_F(MaintenanceTest, ADamagedTableIsNamedAndTheRestIsRead) {
  // One table for each of the two families.
  std::vector<std::string> tables;
  for (const char* jid : {kAlice, kBob}) {
    Apply(jid, std::string(200, '7'), 1);
    stores_ = Stores();
    auto database = RocksDbDatabase::Open(folder(), RocksDbOptions(),
                                          rocksdb::Env::Default());
    ASSERT_TRUE(database.ok()) << database.status();
    std::vector<rocksdb::LiveFileMetaData> files;
    (*database)->db().GetLiveFilesMetaData(&files);
    for (const rocksdb::LiveFileMetaData& file : files) {
      const bool is_known =
          std::find(tables.begin(), tables.end(), file.name) != tables.end();
      if (file.column_family_name == "contacts" && !is_known) {
        tables.push_back(file.name);
      }
    }
    database->reset();
    Open();
  }
  ASSERT_THAT(tables, SizeIs(2));
  const auto whole = maintenance().Verify();
  ASSERT_TRUE(whole.ok()) << whole.status();
  EXPECT_GE(whole->files, 2u);
  EXPECT_THAT(whole->damaged, SizeIs(0));

  stores_ = Stores();
  FlipByte(folder() + tables[0], 20);
  Open();
  const auto report = maintenance().Verify();
  ASSERT_TRUE(report.ok()) << report.status();
  ASSERT_THAT(report->damaged, SizeIs(1));
  EXPECT_EQ("/" + report->damaged[0].name, tables[0]);
  EXPECT_EQ(report->damaged[0].family, "contacts");
  const absl::Status lost = Get(stores_, {kAlice}).status();
  EXPECT_EQ(lost.code(), absl::StatusCode::kDataLoss) << lost;
  EXPECT_THAT(std::string(lost.message()), HasSubstr(tables[0]));
  EXPECT_TRUE(Get(stores_, {kBob})->at(0).record.has_value());
  EXPECT_THAT(*stores_.pictures->ReadChanges(0, 10), SizeIs(2));
}

TEST_F(MaintenanceTest, StatsTellOfEveryFamily) {
  ASSERT_TRUE(WriteSample(stores_).ok());
  ASSERT_TRUE(maintenance().Compact().ok());
  const auto stats = maintenance().GetStats();
  ASSERT_TRUE(stats.ok()) << stats.status();
  ASSERT_THAT(stats->families, SizeIs(kFamilies));
  EXPECT_EQ(stats->families[0].name, "contacts");
  EXPECT_EQ(stats->families[0].keys, 6u);
  EXPECT_GT(stats->families[0].table_bytes, 0u);
  EXPECT_EQ(stats->last_sequence, 7u);
  EXPECT_EQ(stats->schema_version, kSchemaVersion);
  EXPECT_GT(stats->free_disk_bytes, 0u);
}

TEST_F(MaintenanceTest, NothingIsBegunAfterItWasCancelled) {
  maintenance().Cancel();
  EXPECT_EQ(maintenance().CreateBackup(backups(), 0).status().code(),
            absl::StatusCode::kCancelled);
  EXPECT_EQ(maintenance().Verify().status().code(),
            absl::StatusCode::kCancelled);
  EXPECT_EQ(maintenance().Compact().code(), absl::StatusCode::kCancelled);
  // The store keeps serving.
  Apply(kAlice, "1", 1);
  maintenance().Allow();
  EXPECT_TRUE(maintenance().Compact().ok());
}

}  // namespace
}  // namespace portrait
