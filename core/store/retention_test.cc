// Tests that unused contacts expire: reads stop returning them when their
// retention ends, and the next compaction removes them from the disk.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/clock.h"
#include "core/base/proto_time.h"
#include "core/store/janitor.h"
#include "core/store/picture_store.h"
#include "core/store/retaining_store.h"
#include "core/store/retention.h"
#include "core/store/rocksdb_database.h"
#include "core/store/testing/test_observations.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/store_files.h"
#include "tests/support/temporary_folder.h"

namespace portrait {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr absl::Duration kDay = absl::Hours(24);
constexpr absl::Duration kKeep = absl::Hours(10 * 24);

TEST(RetentionTest, AContactIsKeptForTheRetentionAndAtMostOneMoreDay) {
  const absl::Time midnight = absl::FromUnixSeconds(20'000 * 86'400);
  ManualClock clock(midnight);
  const Retention retention(kKeep, clock.clock());
  store::v1::ContactRecord record;
  // The time of day of the last use makes no difference.
  for (const absl::Duration used :
       {absl::ZeroDuration(), kDay - absl::Seconds(1)}) {
    *record.mutable_check_time() = ToProto(midnight + used);
    EXPECT_EQ(LastUsedDay(record), 20'000);
  }
  clock.Advance(kDay + kKeep - absl::Seconds(1));
  EXPECT_LE(retention.FirstKeptDay(), 20'000);
  clock.Advance(absl::Seconds(1));
  EXPECT_GT(retention.FirstKeptDay(), 20'000);
  // A later use counts, an earlier one does not.
  record.set_used_day(20'003);
  EXPECT_EQ(LastUsedDay(record), 20'003);
  record.set_used_day(19'000);
  EXPECT_EQ(LastUsedDay(record), 20'000);
}

class RetainingStoreTest : public testing::Test {
 protected:
  void Open(absl::Duration keep = kKeep) {
    store_.reset();
    janitor_.reset();
    database_.reset();
    RocksDbOptions options;
    options.retention = keep;
    options.clock = clock_.clock();
    auto database =
        RocksDbDatabase::Open(folder(), options, rocksdb::Env::Default());
    ASSERT_TRUE(database.ok()) << database.status();
    database_ = *std::move(database);
    auto pictures = RocksDbPictureStore::Make(database_, options);
    ASSERT_TRUE(pictures.ok()) << pictures.status();
    pictures_ = pictures->get();
    auto retaining = std::make_unique<RetainingStore>(
        *std::move(pictures), database_->retention_state());
    retaining_ = retaining.get();
    store_ = std::move(retaining);
    janitor_ = std::make_unique<Janitor>(database_);
  }
  std::string folder() const { return temporary_.path() + "/store"; }

  void Apply(Observation observation) {
    observation.observed_at = clock_.Now();
    const std::vector<Observation> batch = {std::move(observation)};
    ASSERT_TRUE(store_->Apply(batch).ok());
  }
  bool IsKept(const std::string& jid) {
    const std::vector<std::string> jids = {jid};
    const auto contacts = store_->Get(jids);
    EXPECT_TRUE(contacts.ok()) << contacts.status();
    retaining_->FlushUsed();
    return contacts->at(0).record.has_value();
  }
  bool IsOnDisk(const std::string& jid) {
    return database_->Read(Family::kContacts, jid)->has_value();
  }
  void Compact() {
    const Family all[] = {Family::kContacts, Family::kChanges, Family::kHistory,
                          Family::kLids};
    ASSERT_TRUE(database_->Scrub(all).ok());
  }
  size_t Changes(uint64_t after = 0) {
    return store_->ReadChanges(after, 100)->size();
  }

  const TemporaryFolder temporary_;
  ManualClock clock_{absl::FromUnixSeconds(20'000 * 86'400)};
  std::shared_ptr<RocksDbDatabase> database_;
  std::unique_ptr<PictureStore> store_;
  RetainingStore* retaining_ = nullptr;
  // The store below, without retention.
  RocksDbPictureStore* pictures_ = nullptr;
  std::unique_ptr<Janitor> janitor_;
};

TEST_F(RetainingStoreTest, PeekingAtAContactDoesNotKeepIt) {
  Open();
  Apply(Available(kAlice, "1", 0));
  const std::vector<absl::string_view> jids = {kAlice};
  const auto peek = [&] {
    int records = 0;
    EXPECT_TRUE(store_
                    ->Peek(jids,
                           [&](size_t, const StoredView& stored) {
                             if (stored.record != nullptr) ++records;
                           })
                    .ok());
    retaining_->FlushUsed();
    return records;
  };
  clock_.Advance(kKeep - kDay);
  EXPECT_EQ(peek(), 1);
  clock_.Advance(kKeep - kDay);
  EXPECT_EQ(peek(), 0);
}

TEST_F(RetainingStoreTest, AnUnusedContactIsGoneForReadersAndThenFromTheDisk) {
  Open();
  Apply(WithLid(Available(kAlice, "1", 0), kAliceLid));
  clock_.Advance(kKeep);
  EXPECT_TRUE(IsOnDisk(kAlice));
  clock_.Advance(kDay);
  EXPECT_FALSE(IsKept(kAlice));
  EXPECT_FALSE(IsKept(kAliceLid));
  EXPECT_TRUE(IsOnDisk(kAlice));
  EXPECT_THAT(FilesWith(folder(), "13105551234"), Not(IsEmpty()));
  Apply(Available(kBob, "1", 0));
  ASSERT_TRUE(janitor_->Tidy().ok());
  Compact();
  EXPECT_FALSE(IsOnDisk(kAlice));
  EXPECT_FALSE(database_->Read(Family::kLids, kAlice)->has_value());
  EXPECT_FALSE(database_->Read(Family::kLids, kAliceLid)->has_value());
  EXPECT_THAT(FilesWith(folder(), "13105551234"), IsEmpty());
  EXPECT_THAT(FilesWith(folder(), "100875997589545"), IsEmpty());
  EXPECT_TRUE(IsKept(kBob));
}

TEST_F(RetainingStoreTest, AnExpiredContactIsGoneFromTheMemoryCache) {
  Open();
  Apply(Available(kAlice, "1", 0));
  Apply(Available(kBob, "1", 0));
  clock_.Advance(kKeep - kDay);
  EXPECT_TRUE(IsKept(kBob));
  // Reads Alice often enough for the cache, below the layer that notes uses.
  const std::vector<std::string> jids = {kAlice};
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(pictures_->Get(jids).ok());
  clock_.Advance(2 * kDay);
  // Compaction removes Alice from the disk; any read then clears the cache.
  Compact();
  EXPECT_TRUE(pictures_->Get(jids)->at(0).record.has_value());
  EXPECT_TRUE(IsKept(kBob));
  EXPECT_FALSE(pictures_->Get(jids)->at(0).record.has_value());
}

TEST_F(RetainingStoreTest, LookupsKeepAContactWithItsMapping) {
  Open();
  Apply(WithLid(Available(kAlice, "1", 0), kAliceLid));
  for (int round = 0; round < 5; ++round) {
    clock_.Advance(kKeep - kDay);
    // The contact is kept if it is read under either address.
    ASSERT_TRUE(IsKept(round % 2 == 0 ? kAlice : kAliceLid)) << round;
    Compact();
  }
  EXPECT_TRUE(database_->Read(Family::kLids, kAliceLid)->has_value());
  clock_.Advance(kKeep + kDay);
  EXPECT_FALSE(IsKept(kAlice));
}

TEST_F(RetainingStoreTest, ALookupIsWrittenOnceADayAndNotOnTheDayOfACheck) {
  Open();
  Apply(Available(kAlice, "1", 0));
  const auto writes = [&] { return database_->db().GetLatestSequenceNumber(); };
  auto before = writes();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(IsKept(kAlice));
  EXPECT_EQ(writes(), before);
  for (int day = 0; day < 2; ++day) {
    clock_.Advance(kDay);
    before = writes();
    EXPECT_TRUE(IsKept(kAlice));
    EXPECT_EQ(writes(), before + 1);
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(IsKept(kAlice));
    EXPECT_EQ(writes(), before + 1);
  }
}

TEST_F(RetainingStoreTest, AnExpiredContactThatReturnsIsSeenForTheFirstTime) {
  Open();
  Apply(Available(kAlice, "1", 0));
  clock_.Advance(kKeep + 2 * kDay);
  Apply(Available(kAlice, "2", 0));
  const std::vector<std::string> jids = {kAlice};
  const auto contacts = store_->Get(jids);
  EXPECT_EQ(contacts->at(0).record->id(), "2");
  EXPECT_EQ(contacts->at(0).record->previous_id(), "");
  EXPECT_EQ(store_->ReadChanges(1, 9)->at(0).kind, v1::CHANGE_KIND_FIRST_SEEN);
}

TEST_F(RetainingStoreTest, AContactThatWasNeverCheckedExpiresAsWell) {
  Open();
  Observation named;
  named.jid = kAlice;
  named.name = "Alice";
  Apply(named);
  clock_.Advance(kKeep - kDay);
  Open();
  EXPECT_TRUE(IsOnDisk(kAlice));
  clock_.Advance(2 * kDay);
  EXPECT_FALSE(IsKept(kAlice));
  Compact();
  EXPECT_FALSE(IsOnDisk(kAlice));
}

TEST_F(RetainingStoreTest, ChangesExpireByTheirOwnAge) {
  Open();
  Apply(Available(kAlice, "1", 0));
  clock_.Advance(kKeep / 2);
  Apply(Available(kAlice, "2", 0));
  clock_.Advance(kKeep / 2 + absl::Hours(1));
  ASSERT_TRUE(janitor_->Tidy().ok());
  // Alice was checked five days ago and is kept; her first change is not.
  EXPECT_TRUE(IsKept(kAlice));
  EXPECT_EQ(Changes(), 1u);
  EXPECT_EQ(store_->ReadHistory(kAlice, 0, 9)->size(), 1u);
  EXPECT_EQ(store_->ReadHistory(kAlice, 2, 9)->size(), 0u);
  Compact();
  Open();
  EXPECT_EQ(Changes(), 1u);
  EXPECT_EQ(store_->last_sequence(), 2u);
  // The same holds for a server that keeps everything from now on.
  Open(absl::InfiniteDuration());
  EXPECT_EQ(Changes(), 1u);
}

TEST_F(RetainingStoreTest, AReaderFromBeforeTheExpiredChangesGetsAnError) {
  Open();
  for (int i = 1; i <= 3; ++i) Apply(Available(kAlice, std::to_string(i), 0));
  clock_.Advance(kKeep + absl::Seconds(1));
  Apply(Available(kAlice, "4", 0));
  ASSERT_TRUE(janitor_->Tidy().ok());
  EXPECT_EQ(store_->ReadChanges(2, 9).status().code(),
            absl::StatusCode::kOutOfRange);
  // A reader that has seen all deleted changes misses none, and neither does a
  // new reader.
  EXPECT_EQ(Changes(/*after=*/3), 1u);
  EXPECT_EQ(Changes(/*after=*/0), 1u);
}

TEST_F(RetainingStoreTest, ErasedDataLeavesTheDiskWithinAWeek) {
  Open(absl::InfiniteDuration());
  Apply(WithLid(Available(kAlice, "1", 0), kAliceLid));
  Apply(Available(kBob, "1", 0));
  ASSERT_TRUE(store_->Forget(kAlice, /*suppress=*/false).ok());
  clock_.Advance(kScrubDelay - absl::Seconds(1));
  ASSERT_TRUE(janitor_->Tidy().ok());
  EXPECT_THAT(FilesWith(folder(), "13105551234"), Not(IsEmpty()));
  // The mark also survives a restart.
  Open(absl::InfiniteDuration());
  clock_.Advance(absl::Seconds(1));
  ASSERT_TRUE(janitor_->Tidy().ok());
  EXPECT_THAT(FilesWith(folder(), "13105551234"), IsEmpty());
  EXPECT_TRUE(IsKept(kBob));
}

// ---- a clock that was days ahead and was corrected -------------------------

TEST_F(RetainingStoreTest, AContactUsedInTheFutureIsKeptFromTodayOn) {
  Open();
  clock_.Advance(1000 * kDay);
  Apply(WithLid(Available(kAlice, "1", 0), kAliceLid));
  Apply(Available(kBob, "1", 0));
  clock_.Advance(-1000 * kDay);
  Compact();
  EXPECT_TRUE(IsOnDisk(kAlice));
  clock_.Advance(kKeep - kDay);
  // One of the contacts is looked up, and is kept because of that.
  EXPECT_TRUE(IsKept(kBob));
  clock_.Advance(2 * kDay);
  EXPECT_FALSE(IsKept(kAlice));
  Compact();
  EXPECT_FALSE(IsOnDisk(kAlice));
  EXPECT_TRUE(IsKept(kBob));
}

TEST_F(RetainingStoreTest, AChangeInTheFutureDoesNotProtectOthers) {
  Open();
  Apply(Available(kAlice, "1", 0));
  clock_.Advance(1000 * kDay);
  Apply(Available(kAlice, "2", 0));
  clock_.Advance(-1000 * kDay);
  Apply(Available(kBob, "1", 0));
  clock_.Advance(kKeep + kDay);
  Apply(Available(kBob, "2", 0));
  ASSERT_TRUE(janitor_->Tidy().ok());
  EXPECT_EQ(Changes(), 1u);
}

TEST_F(RetainingStoreTest, DataErasedByAClockAheadLeavesTheDiskAtOnce) {
  Open(absl::InfiniteDuration());
  Apply(WithLid(Available(kAlice, "1", 0), kAliceLid));
  clock_.Advance(1000 * kDay);
  ASSERT_TRUE(store_->Forget(kAlice, /*suppress=*/false).ok());
  clock_.Advance(-1000 * kDay);
  ASSERT_TRUE(janitor_->Tidy().ok());
  EXPECT_THAT(FilesWith(folder(), "13105551234"), IsEmpty());
}

TEST_F(RetainingStoreTest, NothingIsScrubbedWhereNothingWasErased) {
  Open(absl::InfiniteDuration());
  Apply(Available(kAlice, "1", 0));
  clock_.Advance(10 * kScrubDelay);
  ASSERT_TRUE(janitor_->Tidy().ok());
  // The flush would have written a table if anything had been left.
  rocksdb::ColumnFamilyMetaData contacts;
  database_->db().GetColumnFamilyMetaData(database_->family(Family::kContacts),
                                          &contacts);
  EXPECT_EQ(contacts.file_count, 0u);
}

}  // namespace
}  // namespace portrait
