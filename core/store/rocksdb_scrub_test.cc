// Tests that no file of the store contains erased or replaced data, in addition
// to the data being unreadable.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/store/picture_store.h"
#include "core/store/testing/test_observations.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/store_files.h"
#include "tests/support/temporary_folder.h"

namespace portrait {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kDigits[] = "13105551234";
constexpr char kLidDigits[] = "100875997589545";
constexpr char kHash[] = "thirty-two bytes of a SHA-256 su";

// A picture of Alice with all fields.
Observation Hers(const std::string& id, int second) {
  Observation observation = WithLid(Available(kAlice, id, second), kAliceLid);
  observation.phone_number = absl::StrCat("+", kDigits);
  observation.full_url = {"https://hers.example/full", At(100'000)};
  observation.preview_url = {"https://hers.example/preview", At(100'000)};
  observation.direct_path = "/hers/path";
  observation.hash = kHash;
  return observation;
}

TEST(RocksDbScrubTest, OnlyTheNewValueIsLeftOnDisk) {
  const TemporaryFolder folder;
  auto stores = OpenRocksDbStores(folder.path() + "/db", RocksDbOptions());
  ASSERT_TRUE(stores.ok()) << stores.status();
  ASSERT_TRUE(stores->sessions->Put("ada", "sealed under the old key").ok());
  ASSERT_TRUE(stores->sessions->Put("bob", "stays as it is").ok());
  ASSERT_THAT(FilesWith(folder.path(), "old key"), Not(IsEmpty()));
  const std::vector<std::pair<std::string, std::string>> entries = {
      {"ada", "sealed under the new key"}};
  ASSERT_TRUE(stores->sessions->PutAll(entries).ok());
  ASSERT_TRUE(stores->sessions->Scrub().ok());
  EXPECT_EQ(*stores->sessions->Get("ada"), "sealed under the new key");
  EXPECT_EQ(*stores->sessions->Get("bob"), "stays as it is");
  EXPECT_THAT(FilesWith(folder.path(), "old key"), IsEmpty());
  EXPECT_THAT(FilesWith(folder.path(), "new key"), Not(IsEmpty()));
}

TEST(RocksDbScrubTest, NoFileContainsDataOfAForgottenContact) {
  const TemporaryFolder folder;
  auto stores = OpenRocksDbStores(folder.path() + "/db", RocksDbOptions());
  ASSERT_TRUE(stores.ok()) << stores.status();
  PictureStore& pictures = *stores->pictures;
  // The manifest names the first and last key of each table, so the test makes
  // Alice the first or last key of some tables, and an inner key of others.
  ASSERT_TRUE(pictures.Apply(std::vector<Observation>{Hers("1", 1)}).ok());
  ASSERT_TRUE(stores->maintenance->Compact().ok());
  ASSERT_TRUE(pictures
                  .Apply(std::vector<Observation>{
                      Available("1@s.whatsapp.net", "1", 1), Hers("2", 2),
                      Available("999@s.whatsapp.net", "1", 1)})
                  .ok());
  ASSERT_THAT(FilesWith(folder.path(), kDigits), Not(IsEmpty()));
  const auto erased = pictures.Forget(kAlice, /*suppress=*/true);
  ASSERT_TRUE(erased.ok()) << erased.status();
  EXPECT_EQ(*erased, 6u);  // record, mapping, two changes twice
  ASSERT_TRUE(stores->maintenance->Compact().ok());
  for (const char* bytes : {kDigits, kLidDigits, "hers.example"}) {
    EXPECT_THAT(FilesWith(folder.path(), bytes), IsEmpty()) << bytes;
  }
  // The other contacts are still stored, and so is Alice's objection.
  EXPECT_THAT(FilesWith(folder.path(), "999@"), Not(IsEmpty()));
  const std::vector<std::string> jids = {kAlice, kAliceLid};
  EXPECT_TRUE(pictures.Get(jids)->at(0).suppressed);
  EXPECT_TRUE(pictures.Get(jids)->at(1).suppressed);
}

TEST(RocksDbScrubTest, NoFileContainsTheUrlPathOrHashOfAHiddenPicture) {
  const TemporaryFolder folder;
  auto stores = OpenRocksDbStores(folder.path() + "/db", RocksDbOptions());
  ASSERT_TRUE(stores.ok()) << stores.status();
  PictureStore& pictures = *stores->pictures;
  for (const v1::PictureState gone :
       {v1::PICTURE_STATE_HIDDEN, v1::PICTURE_STATE_NOT_SET}) {
    SCOPED_TRACE(v1::PictureState_Name(gone));
    ASSERT_TRUE(pictures
                    .Apply(std::vector<Observation>{
                        Hers("1", 2 * gone), Told(kAlice, gone, 2 * gone + 1)})
                    .ok());
    ASSERT_TRUE(
        pictures.Apply(std::vector<Observation>{Hers("2", 2 * gone + 1)}).ok());
    ASSERT_THAT(FilesWith(folder.path(), "hers.example"), Not(IsEmpty()));
    ASSERT_TRUE(
        pictures
            .Apply(std::vector<Observation>{Told(kAlice, gone, 2 * gone + 2)})
            .ok());
    ASSERT_TRUE(stores->maintenance->Compact().ok());
    for (const char* bytes : {"hers.example", "/hers/path", kHash}) {
      EXPECT_THAT(FilesWith(folder.path(), bytes), IsEmpty()) << bytes;
    }
  }
  // The fact and the time of the change remain.
  EXPECT_EQ(pictures.Get(std::vector<std::string>{kAlice})
                ->at(0)
                .record->previous_id(),
            "2");
}

}  // namespace
}  // namespace portrait
