#include "core/whatsapp/appearance.h"

#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace portrait::whatsapp {
namespace {

using ::testing::ElementsAre;
using ::testing::Gt;
using ::testing::SizeIs;

TEST(AppearanceTest, AFleetHasSeveralSystemsVersionsAndQuotas) {
  std::set<std::string> systems;
  std::set<uint32_t> versions, quotas;
  for (int i = 0; i < 500; ++i) {
    const DeviceAppearance appearance = DrawAppearance();
    systems.insert(appearance.os);
    versions.insert(appearance.browser_version);
    quotas.insert(appearance.storage_quota_mb);
    EXPECT_EQ(appearance.browser, "Chrome");
  }
  EXPECT_THAT(systems, ElementsAre("Mac OS", "Ubuntu", "Windows"));
  EXPECT_THAT(versions, SizeIs(Gt(1u)));
  EXPECT_THAT(quotas, SizeIs(Gt(10u)));
  // Chrome's own 10 GiB plus the size of the page's stored data.
  EXPECT_GT(*quotas.begin(), 10240u);
}

}  // namespace
}  // namespace portrait::whatsapp
