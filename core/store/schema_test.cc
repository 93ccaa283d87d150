// Tests that stores written by earlier versions, kept in tests/data/store-vN,
// open with all of their data.
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/store/picture_store.h"
#include "core/store/retention.h"
#include "core/store/rocksdb_database.h"
#include "core/store/testing/sample_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/temporary_folder.h"

namespace portrait {
namespace {

namespace fs = std::filesystem;

// The data that sample_store_writer has written, in every version.
std::string Expected() {
  Stores stores = NewMemoryStores();
  EXPECT_TRUE(WriteSample(stores).ok());
  EXPECT_TRUE(stores.sessions->Put("second", "sealed keys too").ok());
  return *DescribeSample(stores);
}

class SchemaTest : public testing::TestWithParam<uint64_t> {
 protected:
  // Copies the kept store of that version.
  SchemaTest() {
    fs::copy(
        absl::StrCat(std::getenv("PORTRAIT_TEST_DATA"), "/store-v", GetParam()),
        folder());
  }
  std::string folder() const { return temporary_.path() + "/store"; }

  std::string StoredVersion() const {
    const auto database = RocksDbDatabase::Open(folder(), RocksDbOptions(),
                                                rocksdb::Env::Default());
    EXPECT_TRUE(database.ok()) << database.status();
    return (*database)->Read(Family::kMeta, kSchemaVersionKey)->value_or("");
  }

 private:
  const TemporaryFolder temporary_;
};

TEST_P(SchemaTest, AStoreOfThatVersionKeepsAllItsData) {
  for (int round = 1; round <= 2; ++round) {
    SCOPED_TRACE(absl::StrCat("opened ", round, " times"));
    auto stores = OpenRocksDbStores(folder(), RocksDbOptions());
    ASSERT_TRUE(stores.ok()) << stores.status();
    const auto described = DescribeSample(*stores);
    ASSERT_TRUE(described.ok()) << described.status();
    EXPECT_EQ(*described, Expected());
  }
  EXPECT_EQ(StoredVersion(), absl::StrCat(kSchemaVersion));
}

TEST_P(SchemaTest, EachContactSaysWhenItWasLastUsed) {
  const auto database = RocksDbDatabase::Open(folder(), RocksDbOptions(),
                                              rocksdb::Env::Default());
  ASSERT_TRUE(database.ok()) << database.status();
  const std::unique_ptr<rocksdb::Iterator> entry((*database)->db().NewIterator(
      rocksdb::ReadOptions(), (*database)->family(Family::kContacts)));
  int contacts = 0;
  for (entry->SeekToFirst(); entry->Valid(); entry->Next()) {
    const auto record = RecordView::Read(ToView(entry->value()));
    ASSERT_TRUE(record.ok()) << record.status();
    EXPECT_GT(LastUsedDay(*record), 0) << record->jid();
    ++contacts;
  }
  EXPECT_EQ(contacts, 6);
}

INSTANTIATE_TEST_SUITE_P(Every, SchemaTest,
                         testing::Range<uint64_t>(1, kSchemaVersion + 1));

}  // namespace
}  // namespace portrait
