#include "server/http/console/sign_ins.h"

#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace portrait::http {
namespace {

using ::testing::Eq;
using ::testing::Optional;

class SignInsTest : public ::testing::Test {
 protected:
  ManualClock clock_{absl::FromUnixSeconds(1'790'000'000)};
  SignIns sign_ins_{clock_.clock()};
};

TEST_F(SignInsTest, ACookieStandsForTheTokenUntilItEnds) {
  const std::string cookie = sign_ins_.Start("secret", "acme");
  EXPECT_EQ(cookie.size(), 64u);
  EXPECT_THAT(cookie, ::testing::Not(::testing::HasSubstr("secret")));
  EXPECT_THAT(sign_ins_.TokenOf(cookie), Optional(Eq("secret")));
  sign_ins_.End(cookie);
  EXPECT_EQ(sign_ins_.TokenOf(cookie), std::nullopt);
  EXPECT_EQ(sign_ins_.TokenOf(""), std::nullopt);
}

TEST_F(SignInsTest, AnUnusedSignInEndsAndAUsedOneGoesOnForAWeek) {
  const std::string unused = sign_ins_.Start("a", "acme");
  clock_.Advance(kSignInIdle + absl::Seconds(1));
  EXPECT_EQ(sign_ins_.TokenOf(unused), std::nullopt);

  const std::string used = sign_ins_.Start("b", "acme");
  for (absl::Duration age; age + kSignInIdle <= kSignInAge;
       age += kSignInIdle) {
    EXPECT_THAT(sign_ins_.TokenOf(used), Optional(Eq("b"))) << age;
    clock_.Advance(kSignInIdle);
  }
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(sign_ins_.TokenOf(used), std::nullopt);
}

TEST_F(SignInsTest, ALinkWorksOnceAndForAShortTime) {
  const std::string code = sign_ins_.MakeLink("secret", "acme");
  EXPECT_EQ(sign_ins_.TokenOf(code), std::nullopt);  // a link is no cookie
  EXPECT_THAT(sign_ins_.UseLink(code), Optional(Eq("secret")));
  EXPECT_EQ(sign_ins_.UseLink(code), std::nullopt);
  const std::string late = sign_ins_.MakeLink("secret", "acme");
  clock_.Advance(kLinkLife + absl::Seconds(1));
  EXPECT_EQ(sign_ins_.UseLink(late), std::nullopt);
}

TEST_F(SignInsTest, ATenantThatSignsInOftenEndsItsOwnSignInsOnly) {
  const std::string other = sign_ins_.Start("other", "other");
  std::vector<std::string> cookies;
  for (size_t i = 0; i < kMaxSignInsPerTenant + 1; ++i) {
    clock_.Advance(absl::Seconds(1));
    cookies.push_back(sign_ins_.Start("t", "busy"));
  }
  EXPECT_EQ(sign_ins_.TokenOf(cookies[0]), std::nullopt);
  EXPECT_THAT(sign_ins_.TokenOf(cookies[1]), Optional(Eq("t")));
  EXPECT_THAT(sign_ins_.TokenOf(other), Optional(Eq("other")));
}

TEST_F(SignInsTest, TheNumberOfSignInsAndLinksIsBounded) {
  const std::string first = sign_ins_.Start("t", "tenant-first");
  const std::string first_link = sign_ins_.MakeLink("t", "tenant-first");
  std::set<std::string> cookies;
  for (size_t i = 0; i < kMaxSignIns; ++i) {
    clock_.Advance(absl::Milliseconds(1));
    cookies.insert(sign_ins_.Start("t", std::to_string(i)));
    sign_ins_.MakeLink("t", std::to_string(i));
  }
  EXPECT_EQ(cookies.size(), kMaxSignIns);
  EXPECT_EQ(sign_ins_.TokenOf(first), std::nullopt);
  EXPECT_EQ(sign_ins_.UseLink(first_link), std::nullopt);
}

}  // namespace
}  // namespace portrait::http
