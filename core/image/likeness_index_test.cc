#include "core/image/likeness_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/store/picture_store.h"
#include "tests/support/temporary_folder.h"

namespace portrait {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::set<std::string> Names(const LikenessMatches& found) {
  std::set<std::string> names;
  for (const LikenessMatch& match : found.matches) {
    EXPECT_TRUE(names.insert(match.picture).second)
        << match.picture << " was found twice";
  }
  return names;
}

// Hashes in clusters, so that searches find many, and at every distance.
std::vector<LikenessEntry> Clusters(std::mt19937_64& random) {
  std::vector<LikenessEntry> entries;
  for (int cluster = 0; cluster < 60; ++cluster) {
    const uint64_t center = random();
    for (int i = 0; i < 50; ++i) {
      uint64_t hash = center;
      for (int flip = 0; flip < i % 17; ++flip) {
        hash ^= uint64_t{1} << (random() % 64);
      }
      entries.push_back({hash, absl::StrCat("picture ", entries.size())});
    }
  }
  return entries;
}

class LikenessIndexTest : public ::testing::TestWithParam<bool> {
 protected:
  LikenessIndexTest() {
    if (GetParam()) {
      auto opened = OpenRocksDbStores(folder_.path(), RocksDbOptions());
      EXPECT_TRUE(opened.ok()) << opened.status();
      stores_ = *std::move(opened);
    } else {
      stores_ = NewMemoryStores();
    }
    index_ = std::make_unique<LikenessIndex>(*stores_.images);
  }

  std::vector<std::string> RawKeys() {
    std::vector<std::string> keys;
    const auto entries = stores_.images->ListAfter("", "", 1'000'000);
    EXPECT_TRUE(entries.ok());
    for (const auto& [key, value] : *entries) keys.push_back(key);
    return keys;
  }

  TemporaryFolder folder_;
  Stores stores_;
  std::unique_ptr<LikenessIndex> index_;
};

INSTANTIATE_TEST_SUITE_P(Stores, LikenessIndexTest, ::testing::Bool(),
                         [](const auto& info) {
                           return info.param ? "RocksDb" : "Memory";
                         });

TEST_P(LikenessIndexTest, FindsExactlyWhatALinearSearchFinds) {
  std::mt19937_64 random(7);
  const std::vector<LikenessEntry> entries = Clusters(random);
  ASSERT_TRUE(index_->Update(entries, {}).ok());
  for (int distance = 0; distance <= kMaxLikenessDistance; ++distance) {
    for (int i = 0; i < 12; ++i) {
      const uint64_t hash =
          i == 0 ? random() : entries[random() % entries.size()].phash;
      SCOPED_TRACE(absl::StrCat("distance ", distance, " of ", hash));
      std::set<std::string> expected;
      for (const LikenessEntry& entry : entries) {
        if (std::popcount(entry.phash ^ hash) <= distance) {
          expected.insert(entry.picture);
        }
      }
      const auto found = index_->Find(hash, distance, entries.size());
      ASSERT_TRUE(found.ok()) << found.status();
      EXPECT_TRUE(found->is_complete);
      EXPECT_EQ(expected, Names(*found));
      for (const LikenessMatch& match : found->matches) {
        EXPECT_EQ(match.distance, std::popcount(match.phash ^ hash));
      }
    }
  }
}

TEST_P(LikenessIndexTest, NoKeyOfARemovedPictureStays) {
  std::mt19937_64 random(8);
  const std::vector<LikenessEntry> entries = Clusters(random);
  ASSERT_TRUE(index_->Update(entries, {}).ok());
  const std::vector<LikenessEntry> hidden(entries.begin() + 10, entries.end());
  ASSERT_TRUE(index_->Update({}, hidden).ok());
  EXPECT_THAT(RawKeys(), SizeIs(10 * 4));
  for (const std::string& key : RawKeys()) {
    for (const LikenessEntry& entry : hidden) {
      EXPECT_FALSE(absl::EndsWith(key, entry.picture)) << entry.picture;
    }
  }
  ASSERT_TRUE(index_->Update({}, entries).ok());  // some for the second time
  EXPECT_THAT(RawKeys(), IsEmpty());
}

TEST_P(LikenessIndexTest, TheSameHashMayBelongToManyPictures) {
  std::vector<LikenessEntry> stock;
  for (int i = 0; i < 5000; ++i) {
    stock.push_back({0x0123456789ABCDEF, absl::StrCat("contact ", i)});
  }
  stock.push_back({0x0123456789ABCDEF, std::string("with \0 zero", 11)});
  ASSERT_TRUE(index_->Update(stock, {}).ok());
  const auto all = index_->Find(0x0123456789ABCDEE, 3, 10'000);
  ASSERT_TRUE(all.ok());
  EXPECT_EQ(5001u, Names(*all).size());
  EXPECT_TRUE(all->is_complete);
  const auto some = index_->Find(0x0123456789ABCDEE, 3, 37);
  ASSERT_TRUE(some.ok());
  EXPECT_THAT(some->matches, SizeIs(37));
  EXPECT_FALSE(some->is_complete);
  ASSERT_TRUE(index_->Update({}, {{stock[17]}}).ok());
  EXPECT_EQ(5000u, Names(*index_->Find(0x0123456789ABCDEF, 0, 10'000)).size());
}

TEST_P(LikenessIndexTest, OtherEntriesOfTheStoreAreNotItsOwn) {
  ASSERT_TRUE(stores_.images->Put("m1", "other").ok());
  ASSERT_TRUE(index_->Update({{{5, "a"}}}, {}).ok());
  const auto found = index_->Find(4, 1, 10);
  ASSERT_TRUE(found.ok());
  EXPECT_THAT(Names(*found), ElementsAre("a"));
  ASSERT_TRUE(index_->Update({}, {{{5, "a"}}}).ok());
  EXPECT_THAT(RawKeys(), ElementsAre("m1"));
}

TEST_P(LikenessIndexTest, RefusesADistanceThatIsTooLarge) {
  for (const int distance : {-1, kMaxLikenessDistance + 1, 64}) {
    EXPECT_TRUE(absl::IsInvalidArgument(index_->Find(0, distance, 1).status()));
  }
}

TEST_P(LikenessIndexTest, AMalformedEntryIsAnErrorAndNoAnswer) {
  ASSERT_TRUE(stores_.images->Put(std::string("l\0\0\0xx", 6), "").ok());
  EXPECT_TRUE(absl::IsDataLoss(index_->Find(0, 0, 10).status()));
}

}  // namespace
}  // namespace portrait
