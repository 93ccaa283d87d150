// Tests promises of the RocksDB store beyond the contract: persistence, and its
// errors for damaged files.
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/store/picture_store.h"
#include "core/store/rocksdb_database.h"
#include "core/store/testing/test_observations.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rocksdb/write_batch.h"
#include "tests/support/store_files.h"
#include "tests/support/temporary_folder.h"

namespace portrait {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class RocksDbStoreTest : public testing::Test {
 protected:
  absl::StatusOr<Stores> Open() {
    return OpenRocksDbStores(folder(), RocksDbOptions());
  }
  std::shared_ptr<RocksDbDatabase> OpenDatabase() {
    auto database = RocksDbDatabase::Open(folder(), RocksDbOptions(),
                                          rocksdb::Env::Default());
    EXPECT_TRUE(database.ok()) << database.status();
    return *std::move(database);
  }
  std::string folder() const { return temporary_.path() + "/store"; }

  void Put(Family family, const std::string& key, const std::string& value) {
    const auto database = OpenDatabase();
    rocksdb::WriteBatch batch;
    batch.Put(database->family(family), key, value);
    ASSERT_TRUE(database->Write(batch, StoreSync::kBatch, "test").ok());
  }

  static void Apply(Stores& stores, std::vector<Observation> observations) {
    const auto results = stores.pictures->Apply(observations);
    ASSERT_TRUE(results.ok()) << results.status();
  }
  static absl::StatusOr<std::vector<StoredContact>> Get(
      Stores& stores, std::vector<std::string> jids) {
    return stores.pictures->Get(jids);
  }

  // The file whose name ends in `end`; if there are several, the newest.
  std::string FileEnding(const std::string& end) const {
    std::string found;
    for (const auto& file : fs::directory_iterator(folder())) {
      const std::string name = file.path().filename();
      if (absl::EndsWith(name, end) && name > found) found = name;
    }
    EXPECT_FALSE(found.empty()) << "no file " << end;
    return folder() + "/" + found;
  }

 private:
  const TemporaryFolder temporary_;
};

TEST_F(RocksDbStoreTest, KeepsEverythingWhenItIsClosedAndOpened) {
  for (int round = 1; round <= 3; ++round) {
    SCOPED_TRACE(round);
    auto stores = Open();
    ASSERT_TRUE(stores.ok()) << stores.status();
    EXPECT_EQ(stores->pictures->last_sequence(), uint64_t(round) - 1);
    Apply(*stores,
          {WithLid(Available(kAlice, absl::StrCat(round), round), kAliceLid),
           Told(kBob, v1::PICTURE_STATE_HIDDEN, round)});
    if (round == 1) {
      ASSERT_TRUE(stores->pictures->Forget("1@lid", true).ok());
      ASSERT_TRUE(stores->sessions->Put("main", "sealed").ok());
      ASSERT_TRUE(stores->access->Put("token", "admin").ok());
    }
  }
  auto stores = Open();
  ASSERT_TRUE(stores.ok()) << stores.status();
  const auto contacts = Get(*stores, {kAliceLid, kBob, "1@lid"});
  ASSERT_TRUE(contacts.ok()) << contacts.status();
  EXPECT_EQ(contacts->at(0).record->id(), "3");
  EXPECT_EQ(contacts->at(1).record->state(), v1::PICTURE_STATE_HIDDEN);
  EXPECT_TRUE(contacts->at(2).suppressed);
  const auto changes = stores->pictures->ReadChanges(0, 100);
  ASSERT_TRUE(changes.ok());
  ASSERT_EQ(changes->size(), 3u);
  EXPECT_EQ(changes->at(2).old_id, "2");
  EXPECT_EQ(*stores->sessions->Get("main"), "sealed");
  EXPECT_EQ(*stores->access->Get("token"), "admin");
}

TEST_F(RocksDbStoreTest, ASequenceIsNotGivenAgainAfterItsChangeWasForgotten) {
  {
    auto stores = Open();
    ASSERT_TRUE(stores.ok());
    Apply(*stores, {Available(kAlice, "1", 1)});
    ASSERT_TRUE(stores->pictures->Forget(kAlice, false).ok());
  }
  auto stores = Open();
  ASSERT_TRUE(stores.ok());
  EXPECT_EQ(stores->pictures->last_sequence(), 1u);
}

TEST_F(RocksDbStoreTest, ItsFolderIsForItsOwnerOnly) {
  ASSERT_TRUE(Open().ok());
  struct stat info = {};
  ASSERT_EQ(stat(folder().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
}

TEST_F(RocksDbStoreTest, TheStoresOutliveOneAnother) {
  auto stores = Open();
  ASSERT_TRUE(stores.ok());
  stores->pictures.reset();
  EXPECT_TRUE(stores->sessions->Put("main", "sealed").ok());
  stores->sessions.reset();
  stores->access.reset();
  stores->images.reset();
  stores->maintenance.reset();
  EXPECT_TRUE(Open().ok());
}

TEST_F(RocksDbStoreTest, AStoreInUseIsNotOpenedAgain) {
  const auto first = Open();
  ASSERT_TRUE(first.ok());
  const absl::Status second = Open().status();
  EXPECT_EQ(second.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(
      std::string(second.message()),
      AllOf(HasSubstr(folder()), HasSubstr("in use by another process")));
}

TEST_F(RocksDbStoreTest, ANewerSchemaIsRefusedByItsNumber) {
  Put(Family::kMeta, kSchemaVersionKey, absl::StrCat(kSchemaVersion + 1));
  {
    const auto database = RocksDbDatabase::Open(folder(), RocksDbOptions(),
                                                rocksdb::Env::Default());
    EXPECT_EQ(database.status().code(), absl::StatusCode::kFailedPrecondition);
  }
  const absl::Status status = Open().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr(absl::StrCat("version ", kSchemaVersion + 1)),
                    HasSubstr(absl::StrCat("version ", kSchemaVersion))));
}

TEST_F(RocksDbStoreTest, AFamilyThatOnlyANewerVersionHasDoesNotHideItsSchema) {
  {
    const auto database = OpenDatabase();
    rocksdb::ColumnFamilyHandle* family = nullptr;
    ASSERT_TRUE(database->db()
                    .CreateColumnFamily(rocksdb::ColumnFamilyOptions(),
                                        "of-a-newer-version", &family)
                    .ok());
    ASSERT_TRUE(database->db().DestroyColumnFamilyHandle(family).ok());
  }
  EXPECT_TRUE(Open().ok());
  Put(Family::kMeta, kSchemaVersionKey, "7");
  EXPECT_THAT(std::string(Open().status().message()), HasSubstr("version 7"));
}

TEST_F(RocksDbStoreTest, AnUnreadableRecordIsReportedWithoutItsContact) {
  {
    auto stores = Open();
    ASSERT_TRUE(stores.ok());
    Apply(*stores, {Available(kBob, "7", 1)});
  }
  std::string of_bob;
  {
    const auto database = OpenDatabase();
    of_bob = **database->Read(Family::kContacts, kBob);
  }
  for (const std::string& value : {std::string("\xFF\xFF"), of_bob}) {
    Put(Family::kContacts, kAlice, value);
    auto stores = Open();
    ASSERT_TRUE(stores.ok());
    const std::vector<Observation> batch = {Available(kAlice, "8", 2)};
    for (const absl::Status& status :
         {Get(*stores, {kBob, kAlice}).status(),
          stores->pictures->Apply(batch).status()}) {
      EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
      EXPECT_THAT(std::string(status.message()),
                  AllOf(HasSubstr("131******34@s.whatsapp.net"),
                        Not(HasSubstr("5551"))));
    }
    EXPECT_EQ(Get(*stores, {kBob})->at(0).record->id(), "7");
    // An unreadable record can still be erased.
    EXPECT_TRUE(stores->pictures->Forget(kAlice, false).ok());
    EXPECT_TRUE(Get(*stores, {kAlice}).ok());
  }
}

TEST_F(RocksDbStoreTest, AnUnreadableChangeIsDataLoss) {
  {
    auto stores = Open();
    ASSERT_TRUE(stores.ok());
    Apply(*stores, {Available(kAlice, "1", 1), Available(kBob, "1", 1)});
  }
  Put(Family::kChanges, std::string("\0\0\0\0\0\0\0\2", 8), "\xFF\xFF");
  auto stores = Open();
  ASSERT_TRUE(stores.ok());
  EXPECT_EQ(stores->pictures->ReadChanges(0, 1)->size(), 1u);
  EXPECT_EQ(stores->pictures->ReadChanges(0, 9).status().code(),
            absl::StatusCode::kDataLoss);
}

TEST_F(RocksDbStoreTest, ADamagedTableIsNamed) {
  {
    auto stores = Open();
    ASSERT_TRUE(stores.ok());
    Apply(*stores, {Available(kAlice, std::string(200, '7'), 1)});
  }
  {
    const auto database = OpenDatabase();
    ASSERT_TRUE(
        database->db()
            .Flush(rocksdb::FlushOptions(), database->family(Family::kContacts))
            .ok());
  }
  for (const auto& file : fs::directory_iterator(folder())) {
    if (file.path().extension() == ".sst") FlipByte(file.path(), 20);
  }
  auto stores = Open();
  if (!stores.ok()) {
    EXPECT_EQ(stores.status().code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(std::string(stores.status().message()), HasSubstr(".sst"));
    return;
  }
  const absl::Status status = Get(*stores, {kAlice}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(".sst"));
}

TEST_F(RocksDbStoreTest, ADamagedOrMissingFileStopsTheOpening) {
  const auto damage = [&](const std::string& end) {
    FlipByte(FileEnding(end), 30);
    return fs::path(FileEnding(end)).filename().string();
  };
  const auto remove = [&](const std::string& end) {
    const fs::path file = FileEnding(end);
    fs::remove(file);
    return file.stem().string();  // RocksDB also tries the extension .ldb
  };
  const auto manifest = [&] {
    std::string name;
    std::ifstream(folder() + "/CURRENT") >> name;
    return name;
  };
  struct Case {
    std::string name;
    std::function<std::string()> harm;  // damages a file and returns its name
  };
  const Case cases[] = {
      {"log damaged", [&] { return damage(".log"); }},
      {"manifest damaged", [&] { return damage(manifest()); }},
      {"manifest missing", [&] { return remove(manifest()); }},
      {"table missing", [&] { return remove(".sst"); }},
      {"CURRENT missing", [&] { return remove("CURRENT"); }},
      {"CURRENT damaged",
       [&] {
         std::ofstream(folder() + "/CURRENT") << "nonsense";
         return std::string("CURRENT");
       }},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    fs::remove_all(folder());
    // The first opening leaves a log, which becomes a table; the second leaves
    // a log.
    for (int round = 1; round <= 2; ++round) {
      auto stores = Open();
      ASSERT_TRUE(stores.ok()) << stores.status();
      Apply(*stores, {Available(kAlice, absl::StrCat(round), round)});
      Apply(*stores, {Available(kBob, absl::StrCat(round), round)});
    }
    const std::string file = each.harm();
    const absl::Status status = Open().status();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(file));
  }
}

TEST_F(RocksDbStoreTest, ALogCutOffWithinAWriteLosesThatWriteOnly) {
  {
    auto stores = Open();
    ASSERT_TRUE(stores.ok());
    Apply(*stores, {Available(kAlice, "1", 1)});
    Apply(*stores, {Available(kAlice, "2", 2)});
  }
  const std::string log = FileEnding(".log");
  fs::resize_file(log, fs::file_size(log) - 10);
  auto stores = Open();
  ASSERT_TRUE(stores.ok()) << stores.status();
  EXPECT_EQ(Get(*stores, {kAlice})->at(0).record->id(), "1");
  EXPECT_EQ(stores->pictures->last_sequence(), 1u);
  EXPECT_EQ(stores->pictures->ReadChanges(0, 9)->size(), 1u);
}

TEST_F(RocksDbStoreTest, AFolderThatCannotBeUsedIsNamed) {
  std::ofstream(folder()) << "a file";
  const absl::Status status = Open().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr(folder()));
}

}  // namespace
}  // namespace portrait
