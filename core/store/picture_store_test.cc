// Runs the contract of PictureStore with the stores of this folder.
#include "core/store/picture_store.h"

#include <string>

#include "core/store/testing/key_value_store_test_fixture.h"
#include "core/store/testing/picture_store_test_fixture.h"
#include "core/store/testing/test_observations.h"
#include "core/store/testing/tie_test_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace portrait {
namespace {

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
