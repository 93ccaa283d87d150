// The fixture of tests that every KeyValueStore must pass. To run the tests for
// one implementation, link portrait_picture_store_contract and instantiate
// KeyValueStoreTest with a Backend.
#ifndef PORTRAIT_CORE_STORE_TESTING_KEY_VALUE_STORE_TEST_FIXTURE_H_
#define PORTRAIT_CORE_STORE_TESTING_KEY_VALUE_STORE_TEST_FIXTURE_H_

#include <utility>

#include "core/store/testing/picture_store_test_fixture.h"
#include "gtest/gtest.h"
#include "tests/support/temporary_folder.h"

namespace portrait {

class KeyValueStoreTest : public ::testing::TestWithParam<Backend> {
 protected:
  KeyValueStoreTest() {
    absl::StatusOr<Stores> stores = GetParam().open(folder_.path() + "/store");
    EXPECT_TRUE(stores.ok()) << stores.status();
    stores_ = *std::move(stores);
  }

  const TemporaryFolder folder_;
  Stores stores_;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_TESTING_KEY_VALUE_STORE_TEST_FIXTURE_H_
