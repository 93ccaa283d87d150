#include "tests/whatsapp_sim/directory/directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tests/whatsapp_sim/directory/lid_cipher.h"

namespace portrait::sim {
namespace {

using ::testing::DoubleNear;
using ::testing::Eq;
using ::testing::Optional;

constexpr uint64_t kSeed = 7;
constexpr uint64_t kFirst = 491570000000;

uint64_t FindNumber(const Directory& directory, bool registered) {
  uint64_t number = kFirst;
  while (directory.FindAccount(number).registered != registered) ++number;
  return number;
}

TEST(LidCipherTest, GivesTheNumberBackForMillionsOfLids) {
  const LidCipher cipher(kSeed);
  std::set<uint64_t> lids;
  for (uint64_t number = kFirst; number < kFirst + 100'000; ++number) {
    const uint64_t lid = cipher.LidOf(number);
    ASSERT_GE(lid, kLowestNumber);
    ASSERT_LT(lid, kNumbersEnd);
    ASSERT_EQ(number, cipher.NumberOf(lid));
    lids.insert(lid);
  }
  EXPECT_EQ(100'000u, lids.size());
}

TEST(LidCipherTest, CoversTheEndsOfTheNumbers) {
  const LidCipher cipher(kSeed);
  for (const uint64_t number : {kLowestNumber, kNumbersEnd - 1}) {
    EXPECT_EQ(number, cipher.NumberOf(cipher.LidOf(number)));
    EXPECT_EQ(number, cipher.LidOf(cipher.NumberOf(number)));
  }
}

// The expected values were computed by another implementation of SipHash-2-4:
// every machine, compiler and release must give the same network.
TEST(DirectoryTest, IsTheSameEverywhere) {
  const Directory directory(kSeed);
  const Account account = directory.FindAccount(491570000032);
  EXPECT_TRUE(account.registered);
  EXPECT_EQ(460844071089868u, account.lid);
  EXPECT_TRUE(account.is_business);
  EXPECT_EQ("Maple Dental", account.verified_name);
  EXPECT_EQ((Picture{"1675361950", /*hidden=*/false}), account.picture);
  EXPECT_FALSE(directory.FindAccount(491570000000).registered);
  EXPECT_EQ((Picture{"1579911582", /*hidden=*/true}),
            directory.FindAccount(491570000020).picture);
}

TEST(DirectoryTest, DependsOnTheSeed) {
  EXPECT_NE(Directory(1).FindAccount(kFirst).lid,
            Directory(2).FindAccount(kFirst).lid);
}

TEST(DirectoryTest, DistributesAccountsByTheConfiguredShares) {
  const Directory directory(kSeed);
  constexpr int kNumbers = 50'000;
  int registered = 0, business = 0, visible = 0, hidden = 0;
  for (uint64_t number = kFirst; number < kFirst + kNumbers; ++number) {
    const Account account = directory.FindAccount(number);
    if (!account.registered) {
      EXPECT_EQ(Picture(), account.picture);
      continue;
    }
    ++registered;
    business += account.is_business;
    EXPECT_EQ(account.is_business, !account.verified_name.empty());
    visible += account.picture.visible();
    hidden += account.picture.hidden;
  }
  const double all = registered;
  EXPECT_THAT(all / kNumbers, DoubleNear(0.78, 0.02));
  EXPECT_THAT(business / all, DoubleNear(0.08, 0.02));
  EXPECT_THAT(visible / all, DoubleNear(0.62, 0.02));
  EXPECT_THAT(hidden / all, DoubleNear(0.18, 0.02));
}

TEST(DirectoryTest, ReadsNumbersInEachFormOfAQuery) {
  const std::vector<std::pair<std::string, std::optional<uint64_t>>> cases = {
      {"+15551230001", 15551230001},
      {"15551230001", 15551230001},
      {"+15551230001@c.us", 15551230001},
      {"15551230001@s.whatsapp.net", 15551230001},
      {"+999999999999999", 999999999999999},
      {"", std::nullopt},
      {"+", std::nullopt},
      {"123456", std::nullopt},            // too short
      {"1234567890123456", std::nullopt},  // too long
      {"0155512300", std::nullopt},        // country codes do not start with 0
      {"+1555x230001", std::nullopt},
      {"15551230001@lid", std::nullopt},
  };
  for (const auto& [text, number] : cases) {
    EXPECT_EQ(number, Directory::ParseNumber(text)) << text;
  }
}

TEST(DirectoryTest, KnowsHowWhatsAppSpellsANumber) {
  const std::vector<std::pair<uint64_t, uint64_t>> cases = {
      {522221234567, 5212221234567},   // Mexico
      {541123456789, 5491123456789},   // Argentina
      {5531987654321, 553187654321},   // Brazil, Belo Horizonte
      {5511987654321, 5511987654321},  // Brazil, São Paulo
      {5212221234567, 5212221234567}, {15551230001, 15551230001},
  };
  for (const auto& [typed, registered] : cases) {
    EXPECT_EQ(registered, Directory::RegisteredSpelling(typed)) << typed;
    if (typed == registered) continue;
    EXPECT_FALSE(Directory(kSeed).FindAccount(typed).registered) << typed;
  }
}

TEST(DirectoryTest, FindsAnAccountByEachOfItsJids) {
  const Directory directory(kSeed);
  const Account account = directory.FindAccount(kFirst);
  const std::string digits = absl::StrCat(kFirst);
  EXPECT_THAT(directory.FindByJid(account.pn_jid()), Optional(Eq(account)));
  EXPECT_THAT(directory.FindByJid(account.lid_jid()), Optional(Eq(account)));
  EXPECT_THAT(directory.FindByJid({digits, whatsapp::kLegacyUserServer}),
              Optional(Eq(account)));
  EXPECT_EQ(std::nullopt,
            directory.FindByJid({digits, whatsapp::kNewsletterServer}));
}

TEST(DirectoryTest, AnOverrideReplacesTheAccount) {
  Directory directory(kSeed);
  Account account = directory.FindAccount(FindNumber(directory, true));
  account.picture = {"1800000000", /*hidden=*/true};
  account.verified_name = "Renamed";
  ASSERT_TRUE(directory.Override(account).ok());
  EXPECT_EQ(account, directory.FindAccount(account.number));
  EXPECT_THAT(directory.FindByLid(account.lid), Optional(Eq(account)));
}

TEST(DirectoryTest, AnotherLidTakesThePlaceOfTheGeneratedOne) {
  Directory directory(kSeed);
  Account account = directory.FindAccount(FindNumber(directory, true));
  const uint64_t old_lid = account.lid;
  account.lid = directory.FindAccount(FindNumber(directory, false)).lid;
  ASSERT_TRUE(directory.Override(account).ok());
  EXPECT_THAT(directory.FindByLid(account.lid), Optional(Eq(account)));
  EXPECT_EQ(std::nullopt, directory.FindByLid(old_lid));

  Account back = account;
  back.lid = old_lid;
  ASSERT_TRUE(directory.Override(back).ok());
  EXPECT_THAT(directory.FindByLid(old_lid), Optional(Eq(back)));
}

TEST(DirectoryTest, RefusesTheLidOfAnotherAccount) {
  Directory directory(kSeed);
  Account account = directory.FindAccount(FindNumber(directory, true));
  uint64_t other = account.number + 1;
  while (!directory.FindAccount(other).registered) ++other;
  account.lid = directory.FindAccount(other).lid;
  EXPECT_TRUE(absl::IsAlreadyExists(directory.Override(account)));
}

TEST(DirectoryTest, GroupsHavePicturesToo) {
  Directory directory(kSeed);
  int visible = 0;
  for (int i = 0; i < 1000; ++i) {
    const whatsapp::Jid group{absl::StrCat("12036304040000", i),
                              whatsapp::kGroupServer};
    visible += directory.FindGroupPicture(group).visible();
  }
  EXPECT_THAT(visible / 1000.0, DoubleNear(0.62, 0.06));

  const whatsapp::Jid group{"120363040400000000", whatsapp::kGroupServer};
  directory.OverrideGroup(group, {"1800000000", false});
  EXPECT_EQ("1800000000", directory.FindGroupPicture(group).id);
}

}  // namespace
}  // namespace portrait::sim
