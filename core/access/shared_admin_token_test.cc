#include "core/access/shared_admin_token.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/access/access_control.h"
#include "core/base/files.h"
#include "core/store/picture_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/temporary_folder.h"

namespace portrait {
namespace {

constexpr char kKey[] = "01234567890123456789012345678901";

class SharedAdminTokenTest : public ::testing::Test {
 protected:
  std::string FileOf(const std::string& node) const {
    return absl::StrCat(folder_.path(), "/", node);
  }
  std::unique_ptr<AccessControl> Open(const std::string& node) {
    auto access =
        AccessControl::Open(*stores_.access, FileOf(node), SystemClock(), key_);
    EXPECT_TRUE(access.ok()) << access.status();
    return access.ok() ? *std::move(access) : nullptr;
  }
  bool Accepts(const AccessControl& access, const std::string& node) const {
    const auto secret = ReadFile(FileOf(node));
    return secret.ok() &&
           access
               .Authenticate(
                   absl::StrCat("Bearer ", absl::StripSuffix(*secret, "\n")),
                   v1::RIGHT_ADMIN)
               .ok();
  }

  const TemporaryFolder folder_;
  const Secret key_{absl::string_view(kKey)};
  Stores stores_ = NewMemoryStores();
};

TEST_F(SharedAdminTokenTest, EachServerWritesTheTokenToItsOwnFile) {
  { ASSERT_NE(Open("n1"), nullptr); }
  const auto second = Open("n2");
  ASSERT_NE(second, nullptr);
  EXPECT_TRUE(Accepts(*second, "n1"));
  EXPECT_TRUE(Accepts(*second, "n2"));
  // A server that stands by does so without AccessControl.
  ASSERT_TRUE(WriteSharedAdminToken(*stores_.access, key_, FileOf("n3")).ok());
  EXPECT_TRUE(Accepts(*second, "n3"));
}

TEST_F(SharedAdminTokenTest, ANewTokenReplacesTheFormerOneInEachFile) {
  const auto access = Open("n1");
  ASSERT_NE(access, nullptr);
  ASSERT_TRUE(WriteSharedAdminToken(*stores_.access, key_, FileOf("n2")).ok());
  ASSERT_TRUE(access->ResetAdminToken().ok());
  EXPECT_TRUE(Accepts(*access, "n1"));
  EXPECT_FALSE(Accepts(*access, "n2"));
  ASSERT_TRUE(WriteSharedAdminToken(*stores_.access, key_, FileOf("n2")).ok());
  EXPECT_TRUE(Accepts(*access, "n2"));
}

TEST_F(SharedAdminTokenTest, ARevokedTokenIsNotWritten) {
  const auto access = Open("n1");
  ASSERT_NE(access, nullptr);
  ASSERT_TRUE(
      access->RevokeToken(access->ListTokens(kAdminTenant)[0].token_id()).ok());
  ASSERT_TRUE(WriteSharedAdminToken(*stores_.access, key_, FileOf("n2")).ok());
  EXPECT_FALSE(ReadFile(FileOf("n2")).ok());
}

}  // namespace
}  // namespace portrait
