#include "core/store/record_cache.h"

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace portrait {
namespace {

using ::testing::ElementsAre;

constexpr size_t kCacheBytes = 1 << 20;
constexpr char kJid[] = "13105551234@s.whatsapp.net";

class RecordCacheTest : public ::testing::Test {
 protected:
  std::string Find(absl::string_view jid) {
    std::string found = "nothing";
    cache_.Find({jid}, [&](size_t /*index*/, absl::string_view record) {
      found.assign(record.data(), record.size());
    });
    return found;
  }
  // Offers the record as often as the cache needs to keep it.
  void Keep(absl::string_view jid, absl::string_view record) {
    cache_.Offer(jid, cache_.StampOf(jid), record);
    cache_.Offer(jid, cache_.StampOf(jid), record);
  }

  RecordCache cache_{kCacheBytes};
};

TEST_F(RecordCacheTest, KeepsARecordThatIsOfferedASecondTime) {
  cache_.Offer(kJid, cache_.StampOf(kJid), "record");
  EXPECT_EQ(Find(kJid), "nothing");
  cache_.Offer(kJid, cache_.StampOf(kJid), "record");
  EXPECT_EQ(Find(kJid), "record");
  EXPECT_EQ(Find("1@s.whatsapp.net"), "nothing");
}

TEST_F(RecordCacheTest,
       FindsTheCachedRecordsOfABatchAndReturnsTheOtherIndices) {
  std::vector<std::string> jids;
  for (int i = 0; i < 100; ++i) {
    jids.push_back(absl::StrCat(i, "@s.whatsapp.net"));
    if (i % 3 != 0) Keep(jids.back(), absl::StrCat("record ", i));
  }
  const std::vector<absl::string_view> batch(jids.begin(), jids.end());
  std::vector<size_t> found;
  const auto missing =
      cache_.Find(batch, [&](size_t i, absl::string_view record) {
        EXPECT_EQ(record, absl::StrCat("record ", i));
        found.push_back(i);
      });
  EXPECT_TRUE(std::is_sorted(found.begin(), found.end()));
  EXPECT_EQ(found.size(), 66);
  EXPECT_EQ(missing.size(), 34);
  for (const size_t i : missing) EXPECT_EQ(i % 3, 0) << i;
}

TEST_F(RecordCacheTest, EvictsUnusedRecordsFirst) {
  // The test offers twice as many records as fit into memory, and requests a
  // few of them all the time.
  const std::string record(1000, 'r');
  constexpr int kUsed = 50, kMany = 2000;
  for (int i = 0; i < kUsed; ++i) Keep(absl::StrCat("used ", i), record);
  for (int i = 0; i < kMany; ++i) {
    Keep(absl::StrCat(i), record);
    for (int j = 0; j < kUsed; ++j) Find(absl::StrCat("used ", j));
  }
  int used = 0, others = 0;
  for (int i = 0; i < kUsed; ++i) {
    used += Find(absl::StrCat("used ", i)) == record;
  }
  for (int i = 0; i < kMany; ++i) others += Find(absl::StrCat(i)) == record;
  EXPECT_EQ(used, kUsed);
  EXPECT_LT(others, kMany / 2);
}

TEST_F(RecordCacheTest, DropsAWrittenRecord) {
  Keep(kJid, "old");
  cache_.Drop(kJid);
  EXPECT_EQ(Find(kJid), "nothing");
  Keep(kJid, "new");
  EXPECT_EQ(Find(kJid), "new");
}

TEST_F(RecordCacheTest, RefusesARecordThatWasReadBeforeAWrite) {
  Keep(kJid, "old");
  const RecordCache::Stamp before = cache_.StampOf(kJid);
  cache_.Drop(kJid);
  cache_.Offer(kJid, before, "old");
  EXPECT_EQ(Find(kJid), "nothing");
}

TEST_F(RecordCacheTest, DropsAllRecordsAndRefusesEarlierReads) {
  Keep(kJid, "old");
  Keep("1@s.whatsapp.net", "old");
  const RecordCache::Stamp before = cache_.StampOf(kJid);
  cache_.DropAll();
  EXPECT_EQ(Find(kJid), "nothing");
  EXPECT_EQ(Find("1@s.whatsapp.net"), "nothing");
  cache_.Offer(kJid, before, "old");
  EXPECT_EQ(Find(kJid), "nothing");
  Keep(kJid, "new");
  EXPECT_EQ(Find(kJid), "new");
}

TEST_F(RecordCacheTest, HoldsNoMoreThanItsSize) {
  const std::string record(1000, 'r');
  constexpr int kMany = 5000;
  for (int i = 0; i < kMany; ++i) Keep(absl::StrCat(i), record);
  int held = 0;
  for (int i = 0; i < kMany; ++i) held += Find(absl::StrCat(i)) == record;
  EXPECT_GT(held, 0);
  EXPECT_LE(held * record.size(), kCacheBytes);
}

TEST_F(RecordCacheTest, WithoutRoomHoldsNothing) {
  RecordCache none(0);
  none.Offer(kJid, none.StampOf(kJid), "record");
  none.Offer(kJid, none.StampOf(kJid), "record");
  none.Drop(kJid);
  none.DropAll();
  EXPECT_THAT(none.Find({kJid, kJid}, [](size_t, absl::string_view) {}),
              ElementsAre(0, 1));
}

// One writer, as in a store: a read after a write finds the new record or a
// miss.
TEST_F(RecordCacheTest, ReadersNeverFindAReplacedRecord) {
  std::atomic<int> stored = 0;
  std::atomic<bool> done = false;
  std::atomic<int> hits = 0;
  const auto read = [&] {
    while (!done) {
      const int least = stored;
      const RecordCache::Stamp stamp = cache_.StampOf(kJid);
      const std::string seen = absl::StrCat(stored.load());
      cache_.Offer(kJid, stamp, seen);
      const std::string found = Find(kJid);
      if (found == "nothing") continue;
      ++hits;
      // Records dropped before `least` was read must be gone.
      EXPECT_GE(std::stoi(found), least - 1);
    }
  };
  std::thread readers[] = {std::thread(read), std::thread(read)};
  while (stored < 20'000 || hits == 0) {
    ++stored;
    cache_.Drop(kJid);
    const std::string found = Find(kJid);
    if (found == "nothing") continue;
    EXPECT_EQ(std::stoi(found), stored);
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace portrait
