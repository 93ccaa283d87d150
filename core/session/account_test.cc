// Tests the stored form of an account, and records of earlier versions:
// tests/data/accounts-vN, each the data folder of a portraitd.
#include "core/session/account.h"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/session/sealed_sessions.h"
#include "core/session/session_keys.h"
#include "core/session/testing/sample_accounts.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "portrait/store/v1/account.pb.h"
#include "tests/support/temporary_folder.h"

namespace portrait {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

void ExpectSame(const Account& account, const Account& expected) {
  SCOPED_TRACE(expected.name);
  EXPECT_EQ(account.name, expected.name);
  EXPECT_EQ(whatsapp::SerializeDevice(account.device),
            whatsapp::SerializeDevice(expected.device));
  EXPECT_EQ(account.proxy, expected.proxy);
  EXPECT_EQ(account.paused, expected.paused);
  EXPECT_EQ(account.banned_until, expected.banned_until);
  EXPECT_EQ(account.ban_reason, expected.ban_reason);
  EXPECT_EQ(account.ban_length, expected.ban_length);
}

TEST(AccountTest, AnAccountRoundTripsThroughItsRecord) {
  for (Account account : SampleAccounts()) {
    account.ban_length = absl::Minutes(1);
    const auto parsed = ParseAccount(account.name, SerializeAccount(account));
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(parsed->version, kAccountVersion);
    ExpectSame(parsed->account, account);
  }
}

TEST(AccountTest, ABanLastsNoLongerThanWhatsAppSaid) {
  const absl::Time now = absl::FromUnixSeconds(1'790'000'000);
  Account account = {.name = "ada",
                     .banned_until = now + absl::Hours(2),
                     .ban_length = absl::Minutes(1)};
  // The clock was 2 h ahead when the ban began.
  EXPECT_EQ(BanLeft(account, now), absl::Minutes(1));
  EXPECT_EQ(BanLeft(account, now + absl::Hours(2) - absl::Seconds(5)),
            absl::Seconds(5));
  EXPECT_LE(BanLeft(account, now + absl::Hours(2)), absl::ZeroDuration());
  // Records of earlier versions do not say how long it is.
  account.ban_length = absl::ZeroDuration();
  EXPECT_EQ(BanLeft(account, now), absl::Hours(2));
}

TEST(AccountTest, ADamagedOrNewerRecordIsRefusedWithTheSessionsName) {
  store::v1::StoredAccount newer, without_keys;
  newer.set_version(kAccountVersion + 1);
  without_keys.set_version(kAccountVersion);
  for (const std::string& bytes :
       {std::string(), std::string("\xFF"), newer.SerializeAsString(),
        without_keys.SerializeAsString()}) {
    const absl::Status status = ParseAccount("ada", bytes).status();
    EXPECT_TRUE(absl::IsDataLoss(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("session ada"));
  }
}

class AccountVersionTest : public testing::TestWithParam<uint32_t> {
 protected:
  // Copies the data folder of that version.
  AccountVersionTest() {
    fs::copy(absl::StrCat(std::getenv("PORTRAIT_TEST_DATA"), "/accounts-v",
                          GetParam()),
             folder_.path(), fs::copy_options::recursive);
    fs::permissions(key_file_, fs::perms::owner_read | fs::perms::owner_write);
  }

  const TemporaryFolder folder_;
  const std::string key_file_ = folder_.path() + "/portrait.key";
};

TEST_P(AccountVersionTest, AccountsOfThatVersionKeepAllTheirData) {
  for (int round = 1; round <= 2; ++round) {
    SCOPED_TRACE(absl::StrCat("opened ", round, " times"));
    auto stores = OpenRocksDbStores(folder_.path() + "/db", RocksDbOptions());
    ASSERT_TRUE(stores.ok()) << stores.status();
    auto sealed = SealedSessions::Open(*stores->sessions, key_file_);
    ASSERT_TRUE(sealed.ok()) << sealed.status();
    const auto accounts = (*sealed)->LoadAll();
    ASSERT_TRUE(accounts.ok()) << accounts.status();
    const std::vector<Account> expected = SampleAccounts();
    ASSERT_EQ(accounts->size(), expected.size());
    for (size_t i = 0; i < expected.size(); ++i) {
      ExpectSame((*accounts)[i], expected[i]);
    }
  }
}

TEST_P(AccountVersionTest, TheyAreStoredInTheCurrentVersionOnceLoaded) {
  auto stores = OpenRocksDbStores(folder_.path() + "/db", RocksDbOptions());
  ASSERT_TRUE(stores.ok()) << stores.status();
  const auto version_of = [&](const std::string& name) {
    const auto secret =
        OpenSealed(*ReadKeyFile(key_file_), name, *stores->sessions->Get(name));
    return ParseAccount(name, *secret)->version;
  };
  EXPECT_EQ(version_of("plain"), GetParam());
  auto sealed = SealedSessions::Open(*stores->sessions, key_file_);
  ASSERT_TRUE(sealed.ok()) << sealed.status();
  ASSERT_TRUE((*sealed)->LoadAll().ok());
  for (const Account& account : SampleAccounts()) {
    EXPECT_EQ(version_of(account.name), kAccountVersion);
  }
}

INSTANTIATE_TEST_SUITE_P(Every, AccountVersionTest,
                         testing::Range<uint32_t>(1, kAccountVersion + 1));

}  // namespace
}  // namespace portrait
