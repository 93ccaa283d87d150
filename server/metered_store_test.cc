#include "server/metered_store.h"

#include <memory>
#include <string>
#include <utility>

#include "core/store/testing/picture_store_test_fixture.h"
#include "core/store/testing/tie_test_fixture.h"
#include "gtest/gtest.h"

namespace portrait {
namespace {

// The objects that the MeteredStore below borrows.
struct Borrowed {
  std::unique_ptr<PictureStore> store;
  Metrics metrics;
};

class OwningMeteredStore final : private Borrowed, public MeteredStore {
 public:
  explicit OwningMeteredStore(std::unique_ptr<PictureStore> store)
      : Borrowed{std::move(store), {}},
        MeteredStore(*Borrowed::store, Borrowed::metrics) {}
};

absl::StatusOr<Stores> OpenMetered(const std::string& folder) {
  absl::StatusOr<Stores> stores = OpenRocksDbStores(folder, RocksDbOptions());
  if (stores.ok()) {
    stores->pictures =
        std::make_unique<OwningMeteredStore>(std::move(stores->pictures));
  }
  return stores;
}

const Backend kMetered = {"Metered", OpenMetered};

INSTANTIATE_TEST_SUITE_P(Every, PictureStoreTest, testing::Values(kMetered),
                         NameOfBackend);
INSTANTIATE_TEST_SUITE_P(Every, UnaskedTest, testing::Values(kMetered),
                         NameOfBackend);
INSTANTIATE_TEST_SUITE_P(Every, TieTest, testing::Values(kMetered),
                         NameOfBackend);

}  // namespace
}  // namespace portrait
