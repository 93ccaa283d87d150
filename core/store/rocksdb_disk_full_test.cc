// Tests a disk that becomes full at any byte of a write.
#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/store/janitor.h"
#include "core/store/picture_store.h"
#include "core/store/rocksdb_stores.h"
#include "core/store/testing/test_observations.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rocksdb/file_system.h"
#include "tests/support/temporary_folder.h"

namespace portrait {
namespace {

using ::testing::StartsWith;

constexpr uint64_t kPlenty = uint64_t{1} << 40;

// The disk's state, shared by all files on it.
struct Disk {
  std::atomic<uint64_t> room = kPlenty;  // bytes
  // If false, the disk reports plenty of free space, as under a quota.
  std::atomic<bool> says_full = true;
  std::atomic<bool> is_sync_full = false;  // a delayed allocation finds no room
};

// A file that writes as many bytes as fit, as a real one does, and then fails.
class BoundedFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  BoundedFile(std::unique_ptr<rocksdb::FSWritableFile> file, Disk& disk)
      : FSWritableFileOwnerWrapper(std::move(file)), disk_(disk) {}

  using FSWritableFileOwnerWrapper::Append;
  rocksdb::IOStatus Append(const rocksdb::Slice& data,
                           const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* debug) override {
    const uint64_t fitting = std::min<uint64_t>(disk_.room, data.size());
    disk_.room -= fitting;
    rocksdb::IOStatus status = FSWritableFileOwnerWrapper::Append(
        rocksdb::Slice(data.data(), fitting), options, debug);
    if (status.ok() && fitting < data.size()) {
      return rocksdb::IOStatus::NoSpace("no room for all of an append");
    }
    return status;
  }
  rocksdb::IOStatus Sync(const rocksdb::IOOptions& options,
                         rocksdb::IODebugContext* debug) override {
    if (disk_.is_sync_full) return rocksdb::IOStatus::NoSpace("no room: sync");
    return FSWritableFileOwnerWrapper::Sync(options, debug);
  }

 private:
  Disk& disk_;
};

class BoundedDisk final : public rocksdb::FileSystemWrapper {
 public:
  explicit BoundedDisk(Disk& disk)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), disk_(disk) {}

  const char* Name() const override { return "BoundedDisk"; }

  rocksdb::IOStatus NewWritableFile(
      const std::string& name, const rocksdb::FileOptions& options,
      std::unique_ptr<rocksdb::FSWritableFile>* result,
      rocksdb::IODebugContext* debug) override {
    rocksdb::IOStatus status =
        FileSystemWrapper::NewWritableFile(name, options, result, debug);
    if (status.ok()) {
      *result = std::make_unique<BoundedFile>(std::move(*result), disk_);
    }
    return status;
  }

  rocksdb::IOStatus GetFreeSpace(const std::string&, const rocksdb::IOOptions&,
                                 uint64_t* free_bytes,
                                 rocksdb::IODebugContext*) override {
    *free_bytes = disk_.says_full ? disk_.room.load() : kPlenty;
    return rocksdb::IOStatus::OK();
  }

 private:
  Disk& disk_;
};

class DiskFullTest : public testing::Test {
 protected:
  DiskFullTest()
      : env_(rocksdb::NewCompositeEnv(std::make_shared<BoundedDisk>(disk_))) {
    Open();
  }

  void Open() {
    stores_ = Stores();  // close it before it is opened again
    auto stores = OpenRocksDbStoresIn(env_.get(), folder_.path(), {});
    ASSERT_TRUE(stores.ok()) << stores.status();
    stores_ = *std::move(stores);
  }

  PictureStore& store() { return *stores_.pictures; }

  absl::StatusOr<std::vector<ApplyResult>> Apply(int version) {
    const std::vector<Observation> batch = {
        Available(kAlice, absl::StrCat(version), version)};
    return store().Apply(batch);
  }

  // RocksDB may be recovering on its own, which takes a moment.
  absl::Status ApplyWhenItCanAgain(int version) {
    const absl::Time deadline = absl::Now() + absl::Seconds(60);
    while (true) {
      const absl::Status status = Apply(version).status();
      if (status.ok() || absl::Now() > deadline) return status;
      absl::SleepFor(absl::Milliseconds(20));
    }
  }

  // Expects that all stored data of kAlice is of `version`.
  void ExpectVersion(int version) {
    SCOPED_TRACE(absl::StrCat("version ", version));
    const std::vector<std::string> jids = {kAlice};
    const auto contacts = store().Get(jids);
    ASSERT_TRUE(contacts.ok()) << contacts.status();
    EXPECT_EQ(contacts->at(0).record->id(), absl::StrCat(version));
    EXPECT_EQ(store().last_sequence(), uint64_t(version));
    const auto changes = store().ReadChanges(0, 1000);
    ASSERT_TRUE(changes.ok()) << changes.status();
    ASSERT_EQ(changes->size(), size_t(version));
    for (int i = 0; i < version; ++i) {
      EXPECT_EQ(changes->at(i).sequence, uint64_t(i) + 1);
      EXPECT_EQ(changes->at(i).new_id, absl::StrCat(i + 1));
    }
    EXPECT_EQ(store().ReadHistory(kAlice, 0, 1000)->size(), size_t(version));
  }

  const TemporaryFolder folder_;
  Disk disk_;
  const std::unique_ptr<rocksdb::Env> env_;
  Stores stores_;
};

TEST_F(DiskFullTest, NothingIsStoredUntilThereIsRoomAgain) {
  ASSERT_TRUE(Apply(1).ok());
  disk_.room = 0;
  for (int attempt = 0; attempt < 3; ++attempt) {
    const absl::Status status = Apply(2).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
    EXPECT_THAT(std::string(status.message()), StartsWith("disk full"));
    EXPECT_EQ(stores_.access->Put("token", "1").code(),
              absl::StatusCode::kUnavailable);
    EXPECT_EQ(store().Forget(kAlice, false).status().code(),
              absl::StatusCode::kUnavailable);
    ExpectVersion(1);
  }

  disk_.room = kPlenty;
  const absl::Status again = ApplyWhenItCanAgain(2);
  EXPECT_TRUE(again.ok()) << again;
  ExpectVersion(2);
  EXPECT_TRUE(stores_.access->Put("token", "1").ok());
  Open();
  ExpectVersion(2);
}

// The byte at which the disk is full decides how much of the failed write is in
// the log.
TEST_F(DiskFullTest, AWriteCutOffAnywhereLeavesNoTrace) {
  constexpr uint64_t kStepBytes = 41;
  int version = 1;
  ASSERT_TRUE(Apply(version).ok());
  for (uint64_t room = 0;; room += kStepBytes) {
    SCOPED_TRACE(absl::StrCat("room for ", room, " bytes"));
    disk_.room = room;
    if (Apply(version + 1).ok()) {
      EXPECT_GT(room, 3 * kStepBytes);
      break;
    }
    ExpectVersion(version);
    disk_.room = kPlenty;
    ASSERT_TRUE(ApplyWhenItCanAgain(++version).ok());
    ExpectVersion(version);
    Open();
    ExpectVersion(version);
  }
}

TEST_F(DiskFullTest, AWriteThatCouldNotBeSyncedLeavesNoTrace) {
  ASSERT_TRUE(Apply(1).ok());
  disk_.is_sync_full = true;
  EXPECT_EQ(Apply(2).status().code(), absl::StatusCode::kUnavailable);
  ExpectVersion(1);

  disk_.is_sync_full = false;
  ASSERT_TRUE(ApplyWhenItCanAgain(2).ok());
  ASSERT_TRUE(Apply(3).ok());
  ExpectVersion(3);
  Open();
  ExpectVersion(3);
}

// The store then resumes RocksDB although there is still no space.
TEST_F(DiskFullTest, RecoversFromADiskThatReportsNoLackOfSpace) {
  disk_.says_full = false;
  int version = 1;
  ASSERT_TRUE(Apply(version).ok());
  for (uint64_t room : {0, 100, 1000, 5000}) {
    SCOPED_TRACE(absl::StrCat("room for ", room, " bytes"));
    disk_.room = room;
    for (int attempt = 0; attempt < 20; ++attempt) {
      const absl::Status status = Apply(version + 1).status();
      if (status.ok()) {
        ++version;
      } else {
        EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
      }
      ExpectVersion(version);
    }
    disk_.room = kPlenty;
    ASSERT_TRUE(ApplyWhenItCanAgain(++version).ok());
    ExpectVersion(version);
  }
  Open();
  ExpectVersion(version);
}

TEST_F(DiskFullTest, AStoreThatStaysFullOpensAgainWithWhatWasStored) {
  ASSERT_TRUE(Apply(1).ok());
  disk_.room = 40;
  ASSERT_FALSE(Apply(2).ok());
  stores_ = Stores();
  disk_.room = kPlenty;
  Open();
  ExpectVersion(1);
}

// With some of these sizes RocksDB itself would end the process.
TEST_F(DiskFullTest, OpeningOnAFullDiskSaysSo) {
  ASSERT_TRUE(Apply(1).ok());
  stores_ = Stores();
  for (const uint64_t room : {0, 10, 100, 1000, 10'000, 100'000}) {
    disk_.room = room;
    const absl::Status status =
        OpenRocksDbStoresIn(env_.get(), folder_.path(), {}).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << room;
    EXPECT_THAT(std::string(status.message()), StartsWith("disk full"));
  }
  disk_.room = kPlenty;
  Open();
  ExpectVersion(1);
}

// While health checks keep callers away, no write would find out that there is
// room.
TEST_F(DiskFullTest, WritingGoesOnByItselfWhenThereIsRoomAgain) {
  ASSERT_TRUE(Apply(1).ok());
  EXPECT_TRUE(stores_.maintenance->CheckWrites().ok());
  disk_.room = 0;
  EXPECT_FALSE(Apply(2).ok());
  EXPECT_EQ(stores_.maintenance->CheckWrites().code(),
            absl::StatusCode::kUnavailable);
  disk_.room = kPlenty;
  const absl::Time deadline = absl::Now() + absl::Seconds(60);
  while (!stores_.maintenance->CheckWrites().ok() && absl::Now() < deadline) {
    absl::SleepFor(absl::Milliseconds(20));
  }
  EXPECT_TRUE(stores_.maintenance->CheckWrites().ok());
  EXPECT_TRUE(Apply(2).ok());
  ExpectVersion(2);
}

TEST_F(DiskFullTest, TheJanitorStartsNoCompactionWithoutRoom) {
  stores_ = Stores();
  ManualClock clock(absl::Now() - 2 * kScrubDelay);
  RocksDbOptions options;
  options.clock = clock.clock();
  auto database = RocksDbDatabase::Open(folder_.path(), options, env_.get());
  ASSERT_TRUE(database.ok()) << database.status();
  Janitor janitor(*database);
  rocksdb::WriteBatch erasure;
  (*database)->erasures().Note(clock.Now(), erasure);
  ASSERT_TRUE((*database)->Write(erasure, StoreSync::kBatch, "erasing").ok());
  clock.Advance(kScrubDelay);
  disk_.room = 1 << 20;
  const absl::Status tidied = janitor.Tidy();
  EXPECT_EQ(tidied.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(tidied.message()), StartsWith("disk full"));
  EXPECT_TRUE((*database)->CheckWrites().ok());
  disk_.room = kPlenty;
  EXPECT_TRUE(janitor.Tidy().ok());
}

TEST_F(DiskFullTest, CompactingIsRefusedAndWritingGoesOn) {
  ASSERT_TRUE(Apply(1).ok());
  disk_.room = 1 << 20;
  const absl::Status compacted = stores_.maintenance->Compact();
  EXPECT_EQ(compacted.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(compacted.message()), StartsWith("disk full"));
  EXPECT_TRUE(Apply(2).ok());
  disk_.room = kPlenty;
  EXPECT_TRUE(stores_.maintenance->Compact().ok());
  ExpectVersion(2);
}

}  // namespace
}  // namespace portrait
