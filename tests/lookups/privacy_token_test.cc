// Tests pictures that are shown only to accounts with a token of the contact.
#include "core/whatsapp/privacy_token.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/lookups/lookup_world.h"

namespace portrait {
namespace {

using ::testing::IsEmpty;

class PrivacyTokenTest : public LookupWorld {
 protected:
  // An account that shows its picture only to accounts with its token.
  sim::v1::Account Gated() {
    sim::v1::Account account = Find(HasVisiblePicture);
    account.set_picture_needs_token(true);
    return control().SetAccount(account, false).value();
  }
  void Give(const sim::v1::Account& account, absl::Duration age = {}) {
    const absl::Status given =
        control().GivePrivacyToken(account.phone_number(), "+15551230001", age);
    ASSERT_TRUE(given.ok()) << given;
  }
  v1::PictureState StateOf(const std::string& contact) {
    return LookOne(contact).profile_picture().state();
  }
  static std::string JidOf(const sim::v1::Account& account) {
    return absl::StrCat(account.phone_number().substr(1), "@s.whatsapp.net");
  }
};

TEST_F(PrivacyTokenTest, ATokenRevealsAHiddenPicture) {
  Start();
  const sim::v1::Account account = Gated();
  EXPECT_EQ(StateOf(account.phone_number()), v1::PICTURE_STATE_HIDDEN);
  Asked();
  EXPECT_EQ(StateOf(account.phone_number()), v1::PICTURE_STATE_HIDDEN);
  EXPECT_EQ(Asked().usync_queries(), 0u);

  Give(account);
  ASSERT_TRUE(WaitFor([&] { return Stored(JidOf(account)).outdated(); }));
  const v1::ProfilePicture shown =
      LookOne(account.phone_number()).profile_picture();
  EXPECT_EQ(shown.id(), account.picture_id());
  EXPECT_NE(shown.url(), "");
  EXPECT_EQ(Asked().picture_queries(), 1u);
  EXPECT_THAT(simulator_->protocol_errors(), IsEmpty());
}

TEST_F(PrivacyTokenTest, ATokenAppliesToTheLidAndSurvivesARestart) {
  Start();
  const sim::v1::Account account = Gated();
  Give(account);
  ASSERT_TRUE(WaitFor([&] {
    LookOne(account.phone_number(), MaxAge(absl::ZeroDuration()));
    return Stored(JidOf(account)).state() == v1::PICTURE_STATE_AVAILABLE;
  }));
  RestartSessions();
  ASSERT_TRUE(stores_.pictures->Forget(account.lid(), false).ok());
  EXPECT_EQ(StateOf(account.lid()), v1::PICTURE_STATE_AVAILABLE);
  EXPECT_THAT(simulator_->protocol_errors(), IsEmpty());
}

TEST_F(PrivacyTokenTest, AnExpiredTokenIsNotSent) {
  Start();
  const sim::v1::Account account = Gated();
  Give(account, 5 * whatsapp::kPrivacyTokenBucket);
  // A notification about another account arrives after it.
  const sim::v1::Account other = Find(HasVisiblePicture, 491720000000);
  ASSERT_TRUE(LookOne(other.phone_number()).has_profile_picture());
  Give(other);
  ASSERT_TRUE(WaitFor([&] { return Stored(JidOf(other)).outdated(); }));
  EXPECT_EQ(StateOf(account.phone_number()), v1::PICTURE_STATE_HIDDEN);
  EXPECT_THAT(simulator_->protocol_errors(), IsEmpty());
}

TEST_F(PrivacyTokenTest, ATokenOfAForgottenContactIsErased) {
  Start();
  const sim::v1::Account account = Gated();
  const auto state_now = [&] {
    return LookOne(account.phone_number(), MaxAge(absl::ZeroDuration()))
        .profile_picture()
        .state();
  };
  Give(account);
  ASSERT_TRUE(
      WaitFor([&] { return state_now() == v1::PICTURE_STATE_AVAILABLE; }));
  pool_->Forget({whatsapp::ParseJid(account.lid()).value()});
  EXPECT_TRUE(WaitFor([&] { return state_now() == v1::PICTURE_STATE_HIDDEN; }));
  RestartSessions();
  EXPECT_EQ(state_now(), v1::PICTURE_STATE_HIDDEN);
  EXPECT_THAT(simulator_->protocol_errors(), IsEmpty());
}

TEST_F(PrivacyTokenTest, ATokenForAnotherAccountIsNotUsed) {
  Start();
  Pair("bob", "+15551230002");
  const sim::v1::Account account = Gated();
  Give(account);  // to ada
  LookupRequest by_bob = MaxAge(absl::ZeroDuration());
  by_bob.session = "bob";
  EXPECT_EQ(LookOne(account.phone_number(), by_bob).profile_picture().state(),
            v1::PICTURE_STATE_HIDDEN);
}

}  // namespace
}  // namespace portrait
