// Tests that names chosen by strangers are limited and without control
// characters before they are stored, for every query or notification with
// names.
#include "absl/strings/str_cat.h"
#include "tests/lookups/lookup_world.h"

namespace portrait {
namespace {

struct Name {
  const char* label;
  std::string given;
  std::string stored;
};

// Prints the parameter's name in lists of tests.
void PrintTo(const Name& name, std::ostream* out) { *out << name.label; }

std::string Repeated(const std::string& text, size_t bytes) {
  std::string repeated;
  while (repeated.size() < bytes) repeated += text;
  return repeated;
}

// 60,000 bytes of three-byte characters; characters that reverse the line in a
// terminal or a table; a character that starts an escape sequence.
const Name kNames[] = {
    {"Long", Repeated("愛", 60'000), Repeated("愛", 510)},
    {"Reversing",
     "Bank \xE2\x80\xAE"
     "moc.elpmaxe",
     "Bank moc.elpmaxe"},
    {"Escaping",
     "Ada\xC2\x9B"
     "2J\x1B[1m",
     "Ada2J[1m"},
};

class NameTest : public LookupWorld,
                 public ::testing::WithParamInterface<Name> {
 protected:
  void Rename(sim::v1::Account account, bool notify) {
    account.set_verified_name(GetParam().given);
    const auto set = control().SetAccount(account, notify);
    ASSERT_TRUE(set.ok()) << set.status();
  }
  void ExpectName(const v1::ProfilePicture& picture) {
    EXPECT_EQ(picture.name(), GetParam().stored);
    EXPECT_EQ(Stored(picture.jid()).name(), GetParam().stored);
  }
};

TEST_P(NameTest, ABusinessHasASafeName) {
  Start();
  sim::v1::Account account = Find(HasVisiblePicture);
  account.set_is_business(true);
  Rename(account, /*notify=*/false);
  ExpectName(LookOne(account.phone_number()).profile_picture());
}

TEST_P(NameTest, ARenamedBusinessHasASafeName) {
  Start();
  sim::v1::Account account = Find(HasVisiblePicture);
  const std::string jid =
      LookOne(account.phone_number()).profile_picture().jid();
  account.set_is_business(true);
  Rename(account, /*notify=*/true);
  EXPECT_TRUE(WaitFor([&] { return Stored(jid).name() == GetParam().stored; }));
  ExpectName(LookOne(jid).profile_picture());
}

TEST_P(NameTest, AChannelHasASafeName) {
  Start();
  sim::v1::Account channel;
  for (int i = 0; !HasVisiblePicture(channel); ++i) {
    channel =
        control()
            .GetAccount(absl::StrCat("12036314403848", 3540 + i, "@newsletter"))
            .value();
  }
  Rename(channel, /*notify=*/false);
  ExpectName(LookOne(channel.phone_number()).profile_picture());
}

INSTANTIATE_TEST_SUITE_P(Names, NameTest, ::testing::ValuesIn(kNames),
                         [](const auto& info) {
                           return std::string(info.param.label);
                         });

}  // namespace
}  // namespace portrait
