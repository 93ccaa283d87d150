// Runs the contract of PictureStore with the stores of this folder.
#include "core/store/picture_store.h"

#include <string>

#include "core/store/testing/picture_store_test_fixture.h"
#include "core/store/testing/test_observations.h"
#include "core/store/testing/tie_test_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/temporary_folder.h"

namespace portrait {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::Values;

absl::StatusOr<Stores> OpenRocksDb(const std::string& folder) {
  return OpenRocksDbStores(folder, RocksDbOptions());
}

// Opens a RetainingStore at a time at which no contact of the tests expires.
absl::StatusOr<Stores> OpenRetaining(const std::string& folder) {
  RocksDbOptions options;
  options.retention = absl::Hours(24 * 30);
  options.clock = [] { return At(1000); };
  return OpenRocksDbStores(folder, options);
}

absl::StatusOr<Stores> MakeMemory(const std::string&) {
  return NewMemoryStores();
}

const Backend kRocksDb = {"RocksDb", OpenRocksDb};
const Backend kRetaining = {"Retaining", OpenRetaining};
const Backend kMemory = {"Memory", MakeMemory};

using KeyValueStoreTest = testing::TestWithParam<Backend>;

TEST_P(KeyValueStoreTest, KeepsListsAndErasesValues) {
  const TemporaryFolder folder;
  const auto stores = GetParam().open(folder.path());
  ASSERT_TRUE(stores.ok()) << stores.status();
  KeyValueStore& values = *stores->access;
  EXPECT_EQ(values.Get("a").status().code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(values.Delete("a").ok());

  const std::string binary("\0\xFF\n", 3);
  ASSERT_TRUE(values.Put("t/b", binary).ok());
  ASSERT_TRUE(values.Put("t/a", "1").ok());
  ASSERT_TRUE(values.Put("u/a", "2").ok());
  ASSERT_TRUE(values.Put("t/a", "").ok());
  EXPECT_EQ(*values.Get("t/b"), binary);
  EXPECT_EQ(*values.Get("t/a"), "");
  EXPECT_THAT(*values.List("t/"),
              ElementsAre(Pair("t/a", ""), Pair("t/b", binary)));
  EXPECT_EQ(values.List("")->size(), 3u);
  EXPECT_THAT(*stores->sessions->List(""), IsEmpty());

  ASSERT_TRUE(values.Delete("t/b").ok());
  EXPECT_THAT(*values.List("t/"), ElementsAre(Pair("t/a", "")));
}

INSTANTIATE_TEST_SUITE_P(Every, PictureStoreTest,
                         Values(kRocksDb, kRetaining, kMemory), NameOfBackend);
INSTANTIATE_TEST_SUITE_P(Every, UnaskedTest,
                         Values(kRocksDb, kRetaining, kMemory), NameOfBackend);
INSTANTIATE_TEST_SUITE_P(Every, TieTest, Values(kRocksDb, kRetaining, kMemory),
                         NameOfBackend);
INSTANTIATE_TEST_SUITE_P(Every, KeyValueStoreTest, Values(kRocksDb, kMemory),
                         NameOfBackend);

}  // namespace
}  // namespace portrait
