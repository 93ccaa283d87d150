#include "core/access/access_control.h"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/access/token.h"
#include "core/base/proto_time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "portrait/store/v1/store.pb.h"
#include "tests/support/temporary_folder.h"

namespace portrait {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

// A store that takes no more writes when it is told so: where a crash or a full
// disk stops us.
class StoppableStore final : public KeyValueStore {
 public:
  bool is_stopped = false;

  absl::StatusOr<std::string> Get(absl::string_view key) override {
    return values_->Get(key);
  }
  absl::Status Put(absl::string_view key, absl::string_view value) override {
    if (is_stopped) return absl::UnavailableError("disk full");
    return values_->Put(key, value);
  }
  absl::Status Delete(absl::string_view key) override {
    return values_->Delete(key);
  }
  absl::StatusOr<std::vector<std::pair<std::string, std::string>>> List(
      absl::string_view prefix) override {
    return values_->List(prefix);
  }

 private:
  const std::unique_ptr<KeyValueStore> values_ =
      std::move(NewMemoryStores().access);
};

class AccessControlTest : public testing::Test {
 protected:
  std::string file() const { return folder_.path() + "/admin.token"; }

  std::string AdminToken() const {
    std::ifstream stream(file());
    std::string token;
    std::getline(stream, token);
    return token;
  }

  absl::StatusOr<std::unique_ptr<AccessControl>> Open() {
    return AccessControl::Open(store_, file(), clock_.clock());
  }

  // Stores a token as an admin will create it.
  void AddToken(const std::string& secret, v1::Role role,
                absl::Time expires_at = absl::InfiniteFuture()) {
    store::v1::AccessToken token;
    token.set_token_id("token-1");
    token.set_tenant("acme");
    token.set_role(role);
    if (expires_at != absl::InfiniteFuture()) {
      *token.mutable_expire_time() = ToProto(expires_at);
    }
    ASSERT_TRUE(store_
                    .Put(absl::StrCat("token/", absl::BytesToHexString(
                                                    TokenDigest(secret))),
                         token.SerializeAsString())
                    .ok());
  }

  const TemporaryFolder folder_;
  StoppableStore store_;
  ManualClock clock_{absl::FromUnixSeconds(1'800'000'000)};
};

TEST_F(AccessControlTest, TheFirstStartMakesAnAdminTokenThatMayDoEverything) {
  const auto access = Open();
  ASSERT_TRUE(access.ok()) << access.status();
  // 32 bytes are 43 characters of base64 without padding.
  EXPECT_THAT(AdminToken(), MatchesRegex("pt_[A-Za-z0-9_-]{43}"));

  for (v1::Role needed :
       {v1::ROLE_UNSPECIFIED, v1::ROLE_LOOKUP, v1::ROLE_ADMIN}) {
    const auto principal =
        (*access)->Authenticate("Bearer " + AdminToken(), needed);
    ASSERT_TRUE(principal.ok()) << principal.status();
    EXPECT_EQ(principal->role, v1::ROLE_ADMIN);
    EXPECT_EQ(principal->tenant, "admin");
    EXPECT_THAT(principal->token_id, StartsWith("admin-"));
  }
}

TEST_F(AccessControlTest, OnlyTheOwnerMayReadTheTokenFile) {
  ASSERT_TRUE(Open().ok());
  struct stat info = {};
  ASSERT_EQ(stat(file().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600u);
  EXPECT_FALSE(std::filesystem::exists(file() + ".new"));
}

TEST_F(AccessControlTest, TheSecretIsNotStored) {
  ASSERT_TRUE(Open().ok());
  const auto entries = store_.List("");
  ASSERT_TRUE(entries.ok());
  ASSERT_EQ(entries->size(), 1u);
  const auto& [key, value] = entries->front();
  EXPECT_THAT(key, MatchesRegex("token/[0-9a-f]{64}"));
  EXPECT_FALSE(absl::StrContains(key + value, AdminToken()));
}

TEST_F(AccessControlTest, LaterStartsKnowTheTokenAndLeaveTheFileAlone) {
  ASSERT_TRUE(Open().ok());
  const std::string token = AdminToken();
  std::filesystem::remove(file());

  const auto access = Open();
  ASSERT_TRUE(access.ok()) << access.status();
  EXPECT_FALSE(std::filesystem::exists(file()));
  EXPECT_TRUE((*access)->Authenticate("Bearer " + token, v1::ROLE_ADMIN).ok());
}

TEST_F(AccessControlTest,
       AStartCutOffBeforeTheTokenWasStoredIsHealedByTheNext) {
  store_.is_stopped = true;
  EXPECT_EQ(Open().status().code(), absl::StatusCode::kUnavailable);
  const std::string useless = AdminToken();
  EXPECT_FALSE(useless.empty());

  store_.is_stopped = false;
  const auto access = Open();
  ASSERT_TRUE(access.ok()) << access.status();
  EXPECT_NE(AdminToken(), useless);
  EXPECT_TRUE(
      (*access)->Authenticate("Bearer " + AdminToken(), v1::ROLE_ADMIN).ok());
  EXPECT_FALSE(
      (*access)->Authenticate("Bearer " + useless, v1::ROLE_ADMIN).ok());
}

TEST_F(AccessControlTest, AFileThatCannotBeWrittenIsNamedAndStoresNothing) {
  const std::string missing = folder_.path() + "/no/such/folder/admin.token";
  const auto access = AccessControl::Open(store_, missing, clock_.clock());
  EXPECT_EQ(access.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(access.status().message()), HasSubstr(missing));
  EXPECT_TRUE(store_.List("")->empty());
}

TEST_F(AccessControlTest, WhatIsNoKnownTokenIsUnauthenticated) {
  const auto access = Open();
  ASSERT_TRUE(access.ok());
  const std::string token = AdminToken();
  for (const std::string& authorization :
       {std::string(), std::string("Bearer"), std::string("Bearer "),
        std::string("Bearer pt_wrong"), token, "Basic " + token,
        "Bearer " + token + "x", "Bearer " + token.substr(0, 10),
        "Bearer " + std::string(10'000, 'a'), std::string("Bearer \0\xFF", 9),
        "Bearer " + TokenDigest(token)}) {
    SCOPED_TRACE(absl::CHexEscape(authorization.substr(0, 60)));
    const absl::Status status =
        (*access)->Authenticate(authorization, v1::ROLE_LOOKUP).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated);
    EXPECT_FALSE(absl::StrContains(status.message(), "pt_"));
  }
}

TEST_F(AccessControlTest, TheSchemeIsReadInAnyCase) {
  const auto access = Open();
  ASSERT_TRUE(access.ok());
  EXPECT_TRUE(
      (*access)->Authenticate("bearer " + AdminToken(), v1::ROLE_ADMIN).ok());
}

TEST_F(AccessControlTest, ALookupTokenMayLookUpAndNoMore) {
  AddToken("pt_lookup", v1::ROLE_LOOKUP);
  const auto access = Open();
  ASSERT_TRUE(access.ok());

  const auto principal =
      (*access)->Authenticate("Bearer pt_lookup", v1::ROLE_LOOKUP);
  ASSERT_TRUE(principal.ok()) << principal.status();
  EXPECT_EQ(principal->tenant, "acme");
  EXPECT_EQ((*access)
                ->Authenticate("Bearer pt_lookup", v1::ROLE_ADMIN)
                .status()
                .code(),
            absl::StatusCode::kPermissionDenied);
}

TEST_F(AccessControlTest, ATokenEndsWhenItExpires) {
  AddToken("pt_short", v1::ROLE_LOOKUP, clock_.Now() + absl::Minutes(1));
  const auto access = Open();
  ASSERT_TRUE(access.ok());
  EXPECT_TRUE((*access)->Authenticate("Bearer pt_short", v1::ROLE_LOOKUP).ok());

  clock_.Advance(absl::Minutes(1));
  const absl::Status expired =
      (*access)->Authenticate("Bearer pt_short", v1::ROLE_LOOKUP).status();
  EXPECT_EQ(expired.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(std::string(expired.message()), HasSubstr("expired"));
}

TEST_F(AccessControlTest, AnUnreadableTokenStopsTheStart) {
  ASSERT_TRUE(store_.Put("token/xyz", "").ok());
  EXPECT_EQ(Open().status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace portrait
