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
#include "core/store/picture_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "portrait/store/v1/token.pb.h"
#include "tests/support/temporary_folder.h"

namespace portrait {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

// A store that can be told to fail writes, like a full disk or a crash.
class StoppableStore final : public KeyValueStore {
 public:
  bool is_stopped = false;

  absl::StatusOr<std::string> Get(absl::string_view key) override {
    return values_->Get(key);
  }
  absl::Status Put(absl::string_view key, absl::string_view value) override {
    // A tenant's number is stored before its first token.
    const bool is_number = absl::StartsWith(key, "tenant/");
    if (is_stopped && !is_number) return absl::UnavailableError("disk full");
    return values_->Put(key, value);
  }
  absl::Status PutAll(
      absl::Span<const std::pair<std::string, std::string>> entries) override {
    if (is_stopped) return absl::UnavailableError("disk full");
    return values_->PutAll(entries);
  }
  absl::Status Delete(absl::string_view key) override {
    if (is_stopped) return absl::UnavailableError("disk full");
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

  std::unique_ptr<AccessControl> OpenOrDie() {
    auto access = Open();
    EXPECT_TRUE(access.ok()) << access.status();
    return *std::move(access);
  }

  static v1::Token LookupToken(const std::string& tenant = "acme") {
    v1::Token token;
    token.set_tenant(tenant);
    token.set_role(v1::ROLE_LOOKUP);
    return token;
  }

  static AccessControl::NewToken CreateOrDie(AccessControl& access,
                                             const v1::Token& wanted) {
    auto made = access.CreateToken(wanted);
    EXPECT_TRUE(made.ok()) << made.status();
    return *std::move(made);
  }

  const TemporaryFolder folder_;
  StoppableStore store_;
  ManualClock clock_{absl::FromUnixSeconds(1'800'000'000)};
};

TEST_F(AccessControlTest, TheFirstStartCreatesAnAdminTokenWithAllRights) {
  const auto access = Open();
  ASSERT_TRUE(access.ok()) << access.status();
  // 32 bytes are 43 characters of base64 without padding.
  EXPECT_THAT(AdminToken(), MatchesRegex("pt_[A-Za-z0-9_-]{43}"));

  for (v1::Right needed :
       {v1::RIGHT_UNSPECIFIED, v1::RIGHT_LOOKUP, v1::RIGHT_ADMIN}) {
    const auto principal =
        (*access)->Authenticate("Bearer " + AdminToken(), needed);
    ASSERT_TRUE(principal.ok()) << principal.status();
    EXPECT_TRUE(principal->rights.Has(v1::RIGHT_ADMIN));
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
  ASSERT_EQ(entries->size(), 2u);
  EXPECT_THAT(entries->front().first, StartsWith("tenant/"));
  EXPECT_THAT(entries->back().first, MatchesRegex("token/[0-9a-f]{64}"));
  for (const auto& [key, value] : *entries) {
    EXPECT_FALSE(absl::StrContains(key + value, AdminToken()));
  }
}

TEST_F(AccessControlTest, LaterStartsAcceptTheTokenAndKeepTheFile) {
  ASSERT_TRUE(Open().ok());
  const std::string token = AdminToken();
  std::filesystem::remove(file());

  const auto access = Open();
  ASSERT_TRUE(access.ok()) << access.status();
  EXPECT_FALSE(std::filesystem::exists(file()));
  EXPECT_TRUE((*access)->Authenticate("Bearer " + token, v1::RIGHT_ADMIN).ok());
}

TEST_F(AccessControlTest, AnInterruptedFirstStartIsRepairedByTheNextStart) {
  store_.is_stopped = true;
  EXPECT_EQ(Open().status().code(), absl::StatusCode::kUnavailable);
  const std::string useless = AdminToken();
  EXPECT_FALSE(useless.empty());

  store_.is_stopped = false;
  const auto access = Open();
  ASSERT_TRUE(access.ok()) << access.status();
  EXPECT_NE(AdminToken(), useless);
  EXPECT_TRUE(
      (*access)->Authenticate("Bearer " + AdminToken(), v1::RIGHT_ADMIN).ok());
  EXPECT_FALSE(
      (*access)->Authenticate("Bearer " + useless, v1::RIGHT_ADMIN).ok());
}

TEST_F(AccessControlTest, AFileThatCannotBeWrittenIsNamedAndStoresNothing) {
  const std::string missing = folder_.path() + "/no/such/folder/admin.token";
  const auto access = AccessControl::Open(store_, missing, clock_.clock());
  EXPECT_EQ(access.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(access.status().message()), HasSubstr(missing));
  EXPECT_TRUE(store_.List("token/")->empty());
}

TEST_F(AccessControlTest, AnUnknownTokenIsUnauthenticated) {
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
        (*access)->Authenticate(authorization, v1::RIGHT_LOOKUP).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated);
    EXPECT_FALSE(absl::StrContains(status.message(), "pt_"));
  }
}

TEST_F(AccessControlTest, TheSchemeIsReadInAnyCase) {
  const auto access = Open();
  ASSERT_TRUE(access.ok());
  EXPECT_TRUE(
      (*access)->Authenticate("bearer " + AdminToken(), v1::RIGHT_ADMIN).ok());
}

TEST_F(AccessControlTest, ALookupTokenHasOnlyTheLookupRights) {
  const auto access = OpenOrDie();
  const auto made = CreateOrDie(*access, LookupToken());
  const auto principal =
      access->Authenticate("Bearer " + made.secret, v1::RIGHT_LOOKUP);
  ASSERT_TRUE(principal.ok()) << principal.status();
  EXPECT_EQ(principal->tenant, "acme");
  EXPECT_EQ(principal->token_id, made.token.token_id());
  EXPECT_EQ(access->Authenticate("Bearer " + made.secret, v1::RIGHT_ADMIN)
                .status()
                .code(),
            absl::StatusCode::kPermissionDenied);
}

TEST_F(AccessControlTest, ATokenEndsWhenItExpires) {
  const auto access = OpenOrDie();
  v1::Token wanted = LookupToken();
  *wanted.mutable_expire_time() = ToProto(clock_.Now() + absl::Minutes(1));
  const std::string bearer = "Bearer " + CreateOrDie(*access, wanted).secret;
  const auto caller = access->Authenticate(bearer, v1::RIGHT_LOOKUP);
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_TRUE(access->CheckStillValid(*caller).ok());

  clock_.Advance(absl::Minutes(1));
  for (const absl::Status& status :
       {access->Authenticate(bearer, v1::RIGHT_LOOKUP).status(),
        access->CheckStillValid(*caller)}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated);
    EXPECT_THAT(std::string(status.message()), HasSubstr("expired"));
  }
}

TEST_F(AccessControlTest, ATokenThatExpiredByAClockAheadIsGoodAgain) {
  const auto access = OpenOrDie();
  v1::Token wanted = LookupToken();
  *wanted.mutable_expire_time() = ToProto(clock_.Now() + absl::Hours(24));
  const std::string bearer = "Bearer " + CreateOrDie(*access, wanted).secret;
  clock_.Advance(absl::Hours(72));
  EXPECT_FALSE(access->Authenticate(bearer, v1::RIGHT_LOOKUP).ok());
  // A token created meanwhile is valid, too.
  const std::string ahead =
      "Bearer " + CreateOrDie(*access, LookupToken()).secret;
  clock_.Advance(-absl::Hours(72));
  EXPECT_TRUE(access->Authenticate(bearer, v1::RIGHT_LOOKUP).ok());
  EXPECT_TRUE(access->Authenticate(ahead, v1::RIGHT_LOOKUP).ok());
}

TEST_F(AccessControlTest, TokensKeepTheirFieldsAfterARestart) {
  v1::Token wanted = LookupToken();
  wanted.set_monthly_quota(1000);
  wanted.set_lookups_per_second(0.5);
  *wanted.mutable_expire_time() = ToProto(clock_.Now() + absl::Hours(1));
  const auto made = CreateOrDie(*OpenOrDie(), wanted);
  const auto access = OpenOrDie();
  EXPECT_TRUE(
      access->Authenticate("Bearer " + made.secret, v1::RIGHT_LOOKUP).ok());
  const std::vector<v1::Token> listed = access->ListTokens("acme");
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0].SerializeAsString(), made.token.SerializeAsString());
}

TEST_F(AccessControlTest, ARevokedTokenIsRefusedAlsoAfterARestart) {
  auto access = OpenOrDie();
  const auto made = CreateOrDie(*access, LookupToken());
  const std::string bearer = "Bearer " + made.secret;
  const auto caller = access->Authenticate(bearer, v1::RIGHT_LOOKUP);
  ASSERT_TRUE(caller.ok());
  ASSERT_TRUE(access->RevokeToken(made.token.token_id()).ok());
  EXPECT_EQ(access->CheckStillValid(*caller).code(),
            absl::StatusCode::kUnauthenticated);
  EXPECT_TRUE(access->ListTokens("acme").empty());
  EXPECT_EQ(access->RevokeToken(made.token.token_id()).code(),
            absl::StatusCode::kNotFound);
  for (int start = 0; start < 2; ++start) {
    EXPECT_EQ(access->Authenticate(bearer, v1::RIGHT_LOOKUP).status().code(),
              absl::StatusCode::kUnauthenticated);
    access = OpenOrDie();
  }
}

TEST_F(AccessControlTest, ATokenIsRevokedEvenIfTheStoreFails) {
  const auto access = OpenOrDie();
  const auto made = CreateOrDie(*access, LookupToken());
  store_.is_stopped = true;
  EXPECT_EQ(access->RevokeToken(made.token.token_id()).code(),
            absl::StatusCode::kUnavailable);
  EXPECT_FALSE(
      access->Authenticate("Bearer " + made.secret, v1::RIGHT_LOOKUP).ok());
  EXPECT_TRUE(access->ListTokens("acme").empty());
  // Nor is a token made that would be lost in a restart.
  EXPECT_EQ(access->CreateToken(LookupToken()).status().code(),
            absl::StatusCode::kUnavailable);
  EXPECT_TRUE(access->ListTokens("acme").empty());
  // Once there is room again, the revocation is stored.
  store_.is_stopped = false;
  EXPECT_TRUE(access->RevokeToken(made.token.token_id()).ok());
  EXPECT_FALSE(OpenOrDie()
                   ->Authenticate("Bearer " + made.secret, v1::RIGHT_LOOKUP)
                   .ok());
}

TEST_F(AccessControlTest, TokensPerTenantAreLimitedAndExpiredTokensAreRemoved) {
  const auto access = OpenOrDie();
  v1::Token short_lived = LookupToken();
  *short_lived.mutable_expire_time() = ToProto(clock_.Now() + absl::Minutes(1));
  CreateOrDie(*access, short_lived);
  for (size_t i = 1; i < kMaxTokensPerTenant; ++i) {
    CreateOrDie(*access, LookupToken());
  }
  EXPECT_EQ(access->CreateToken(LookupToken()).status().code(),
            absl::StatusCode::kFailedPrecondition);
  CreateOrDie(*access, LookupToken("zeta"));

  clock_.Advance(absl::Minutes(1));
  CreateOrDie(*access, LookupToken());
  EXPECT_EQ(access->ListTokens("acme").size(), kMaxTokensPerTenant);
  EXPECT_FALSE(access->CreateToken(LookupToken()).ok());
}

TEST_F(AccessControlTest, AResetCreatesAnAdminTokenAndRevokesEarlierOnes) {
  auto access = OpenOrDie();
  const std::string before = "Bearer " + AdminToken();
  const auto lookup = CreateOrDie(*access, LookupToken());
  std::filesystem::remove(file());
  ASSERT_TRUE(access->ResetAdminToken().ok());
  struct stat info = {};
  ASSERT_EQ(stat(file().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600u);
  for (int start = 0; start < 2; ++start) {
    EXPECT_TRUE(
        access->Authenticate("Bearer " + AdminToken(), v1::RIGHT_ADMIN).ok());
    EXPECT_FALSE(access->Authenticate(before, v1::RIGHT_ADMIN).ok());
    EXPECT_TRUE(
        access->Authenticate("Bearer " + lookup.secret, v1::RIGHT_LOOKUP).ok());
    access = OpenOrDie();
  }
}

TEST_F(AccessControlTest, AnInterruptedResetKeepsTheOldTokenAndCanBeRepeated) {
  const auto access = OpenOrDie();
  const std::string before = "Bearer " + AdminToken();
  store_.is_stopped = true;
  EXPECT_FALSE(access->ResetAdminToken().ok());
  EXPECT_TRUE(OpenOrDie()->Authenticate(before, v1::RIGHT_ADMIN).ok());
  store_.is_stopped = false;
  ASSERT_TRUE(access->ResetAdminToken().ok());
  EXPECT_TRUE(
      access->Authenticate("Bearer " + AdminToken(), v1::RIGHT_ADMIN).ok());
}

TEST_F(AccessControlTest, AnUnreadableTokenStopsTheStart) {
  ASSERT_TRUE(store_.Put("token/xyz", "").ok());
  EXPECT_EQ(Open().status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(AccessControlTest, ATokenCreatedBeforeRightsKeepsTheRightsOfItsRole) {
  const auto made = CreateOrDie(*OpenOrDie(), LookupToken());
  const auto kept = *store_.List("token/");
  for (const auto& [key, value] : kept) {
    store::v1::Token stored;
    ASSERT_TRUE(stored.ParseFromString(value));
    stored.clear_rights();
    ASSERT_TRUE(store_.Put(key, stored.SerializeAsString()).ok());
  }
  const auto access = OpenOrDie();
  for (const v1::Right right : {v1::RIGHT_LOOKUP, v1::RIGHT_WATCH_ALL,
                                v1::RIGHT_OBJECT, v1::RIGHT_PIN_SESSION}) {
    EXPECT_TRUE(access->Authenticate("Bearer " + made.secret, right).ok());
  }
  EXPECT_FALSE(
      access->Authenticate("Bearer " + made.secret, v1::RIGHT_ADMIN).ok());
  EXPECT_TRUE(
      access->Authenticate("Bearer " + AdminToken(), v1::RIGHT_ADMIN).ok());
}

TEST_F(AccessControlTest, ATokenHasExactlyItsRights) {
  v1::Token wanted;
  wanted.set_tenant("acme");
  wanted.add_rights(v1::RIGHT_LOOKUP);
  const auto made = CreateOrDie(*OpenOrDie(), wanted);
  const auto access = OpenOrDie();
  EXPECT_TRUE(
      access->Authenticate("Bearer " + made.secret, v1::RIGHT_LOOKUP).ok());
  const absl::Status status =
      access->Authenticate("Bearer " + made.secret, v1::RIGHT_WATCH).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(status.message()), HasSubstr("the right watch"));
}

}  // namespace
}  // namespace portrait
