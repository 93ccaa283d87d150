#include "core/access/tenant_numbers.h"

#include <string>

#include "core/store/picture_store.h"
#include "gtest/gtest.h"

namespace portrait {
namespace {

TEST(TenantNumbersTest, EachTenantKeepsItsNumberAcrossRestarts) {
  const Stores stores = NewMemoryStores();
  {
    TenantNumbers numbers(*stores.access);
    ASSERT_TRUE(numbers.Load().ok());
    EXPECT_EQ(*numbers.NumberOf("acme"), 1u);
    EXPECT_EQ(*numbers.NumberOf("bank"), 2u);
    EXPECT_EQ(*numbers.NumberOf("acme"), 1u);
  }
  TenantNumbers again(*stores.access);
  ASSERT_TRUE(again.Load().ok());
  EXPECT_EQ(*again.NumberOf("new"), 3u);
  EXPECT_EQ(*again.NumberOf("bank"), 2u);
}

TEST(TenantNumbersTest, ANumberThatTwoTenantsHaveIsRefused) {
  const Stores stores = NewMemoryStores();
  ASSERT_TRUE(stores.access->Put("tenant/acme", "1").ok());
  ASSERT_TRUE(stores.access->Put("tenant/bank", "1").ok());
  TenantNumbers numbers(*stores.access);
  EXPECT_TRUE(absl::IsDataLoss(numbers.Load()));
}

}  // namespace
}  // namespace portrait
