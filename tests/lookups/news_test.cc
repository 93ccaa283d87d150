// Tests notifications: they cost no query if they contain all facts; otherwise
// the contact is queried again.
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/lookups/lookup_world.h"

namespace portrait {
namespace {

using ::testing::IsEmpty;

class NewsTest : public LookupWorld {
 protected:
  // An account with a visible picture that has been looked up.
  sim::v1::Account Known() {
    const sim::v1::Account account = Find(HasVisiblePicture);
    EXPECT_TRUE(LookOne(account.phone_number()).has_profile_picture());
    Asked();
    return account;
  }
  static std::string JidOf(const sim::v1::Account& account) {
    return absl::StrCat(account.phone_number().substr(1), "@s.whatsapp.net");
  }
  void Set(const sim::v1::Account& account) {
    const auto set = control().SetAccount(account, /*notify=*/true);
    ASSERT_TRUE(set.ok()) << set.status();
  }
  void Tell(const sim::v1::Account& account, const std::string& form) {
    const absl::Status told =
        control().TellOfContact(account.phone_number(), form);
    ASSERT_TRUE(told.ok()) << told;
  }
  bool WaitUntilOutdated(const std::string& jid) {
    return WaitFor([&] { return Stored(jid).outdated(); });
  }
};

TEST_F(NewsTest, AChangedPictureIsFetchedAgainAndARemovedOneIsNot) {
  Start();
  sim::v1::Account account = Known();
  const std::string jid = JidOf(account);
  account.set_picture_id("1799999999");
  Set(account);
  ASSERT_TRUE(WaitFor([&] { return Stored(jid).id() == "1799999999"; }));
  EXPECT_EQ(Stored(jid).url(), "");

  LookupRequest id_only;
  id_only.size = v1::PICTURE_SIZE_NONE;
  // The id in the notification is not trusted.
  EXPECT_EQ(LookOne(jid, id_only).profile_picture().id(), "1799999999");
  EXPECT_EQ(Asked().usync_queries(), 1u);
  EXPECT_EQ(LookOne(jid, id_only).profile_picture().id(), "1799999999");
  EXPECT_EQ(Asked().usync_queries(), 0u);

  EXPECT_NE(LookOne(jid).profile_picture().url(), "");
  EXPECT_EQ(Asked().picture_queries(), 1u);

  account.set_picture_id("");
  Set(account);
  ASSERT_TRUE(WaitFor(
      [&] { return Stored(jid).state() == v1::PICTURE_STATE_NOT_SET; }));
  EXPECT_EQ(LookOne(jid).profile_picture().state(), v1::PICTURE_STATE_NOT_SET);
  EXPECT_EQ(Asked().usync_queries(), 0u);
}

TEST_F(NewsTest, ANotificationWithoutAChildIsIgnored) {
  Start();
  const sim::v1::Account account = Known();
  Tell(account, "picture-request");  // has no facts, either
  Tell(account, "picture-empty");
  Tell(account, "update");  // arrives last, so the test waits for it
  ASSERT_TRUE(WaitUntilOutdated(JidOf(account)));
  EXPECT_EQ(Stored(JidOf(account)).state(), v1::PICTURE_STATE_AVAILABLE);
}

TEST_F(NewsTest, AnIncompleteNotificationCausesOneQuery) {
  Start();
  const sim::v1::Account account = Known();
  const std::string jid = JidOf(account);
  for (const char* form : {"update", "update-hash", "picture-hash"}) {
    SCOPED_TRACE(form);
    Tell(account, form);
    ASSERT_TRUE(WaitUntilOutdated(jid));
    // The picture is unchanged, and its URL is still valid.
    EXPECT_EQ(LookOne(jid).profile_picture().source(), v1::SOURCE_WHATSAPP);
    const auto asked = Asked();
    EXPECT_EQ(asked.usync_queries(), 1u);
    EXPECT_EQ(asked.picture_queries(), 0u);
    EXPECT_EQ(LookOne(jid).profile_picture().source(), v1::SOURCE_STORE);
    EXPECT_EQ(Asked().usync_queries(), 0u);
  }
}

TEST_F(NewsTest, ABusinessIsRenamedAndBecomesAPerson) {
  Start();
  sim::v1::Account account = Known();
  const std::string jid = JidOf(account);
  account.set_is_business(true);
  account.set_verified_name("Café Ada");
  Set(account);
  ASSERT_TRUE(WaitFor([&] { return Stored(jid).name() == "Café Ada"; }));
  EXPECT_TRUE(LookOne(jid).profile_picture().is_business());
  account.set_is_business(false);
  account.set_verified_name("");
  Set(account);
  ASSERT_TRUE(WaitFor([&] { return !Stored(jid).is_business(); }));
  EXPECT_EQ(LookOne(jid).profile_picture().name(), "");
  EXPECT_EQ(Asked().usync_queries(), 0u);
}

TEST_F(NewsTest, ANumberChangeTakesTheLidAlongAndLeavesTheNumber) {
  Start();
  const sim::v1::Account account = Known();
  const std::string jid = JidOf(account);
  ASSERT_EQ(Stored(account.lid()).jid(), jid);
  constexpr char kNewNumber[] = "+491799999999";
  ASSERT_TRUE(
      control().ChangeNumber(account.phone_number(), kNewNumber, true).ok());
  ASSERT_TRUE(WaitUntilOutdated(jid));
  // No caller asked about the new number, so nothing is stored about it.
  EXPECT_EQ(Stored("491799999999@s.whatsapp.net").jid(), "");
  EXPECT_EQ(Stored(account.lid()).jid(), "");

  EXPECT_EQ(LookOne(jid).profile_picture().registration(),
            v1::REGISTRATION_NOT_REGISTERED);
  const v1::ProfilePicture moved = LookOne(kNewNumber).profile_picture();
  EXPECT_EQ(moved.lid(), account.lid());
  EXPECT_EQ(moved.id(), account.picture_id());
}

TEST_F(NewsTest, DeviceNotificationsHaveTheLidOfAContact) {
  Start();
  const sim::v1::Account account = Known();
  Observation unmapped;
  unmapped.jid = JidOf(account);
  unmapped.lost_lid = true;
  unmapped.observed_at = absl::Now();
  ASSERT_TRUE(stores_.pictures->Apply({unmapped}).ok());
  ASSERT_EQ(Stored(account.lid()).jid(), "");
  Tell(account, "devices");
  EXPECT_TRUE(
      WaitFor([&] { return Stored(account.lid()).jid() == unmapped.jid; }));
}

TEST_F(NewsTest, NotificationsAboutOtherContactsAreNotStored) {
  Start();
  const sim::v1::Account account = Known();
  ASSERT_TRUE(stores_.pictures->Forget(JidOf(account), false).ok());
  for (const char* form : {"update", "devices", "picture-removed"}) {
    Tell(account, form);
  }
  sim::v1::Account changed = account;
  changed.set_picture_id("1799999999");
  Set(changed);
  // A later notification, about another contact, arrives after these.
  const sim::v1::Account later = Find(HasVisiblePicture, 491720000000);
  ASSERT_TRUE(LookOne(later.phone_number()).has_profile_picture());
  Tell(later, "update");
  ASSERT_TRUE(WaitUntilOutdated(JidOf(later)));
  EXPECT_EQ(Stored(JidOf(account)).jid(), "");
  EXPECT_EQ(Stored(account.lid()).jid(), "");
}

TEST_F(NewsTest, AQueuedNotificationDoesNotOverrideALaterAnswer) {
  Start();
  sim::v1::Account early = Known();
  sim::v1::Account late = Find(HasVisiblePicture, 491720000000);
  ASSERT_TRUE(LookOne(late.phone_number()).has_profile_picture());
  StopSessions();
  for (sim::v1::Account* account : {&early, &late}) {
    account->set_picture_id("1700000001");
    Set(*account);
  }
  // Meanwhile another account has seen a newer state.
  Observation seen;
  seen.jid = JidOf(early);
  seen.state = v1::PICTURE_STATE_AVAILABLE;
  seen.picture_id = "1700000002";
  seen.observed_at = absl::Now() + absl::Seconds(1);
  ASSERT_TRUE(stores_.pictures->Apply({seen}).ok());
  RestartSessions();
  ASSERT_TRUE(
      WaitFor([&] { return Stored(JidOf(late)).id() == "1700000001"; }));
  EXPECT_EQ(Stored(JidOf(early)).id(), "1700000002");
}

TEST_F(NewsTest, OurOwnAccountIsNotAContact) {
  Start();
  const absl::Status told =
      control().TellOfContact("+15551230001", "account-sync");
  ASSERT_TRUE(told.ok()) << told;
  const sim::v1::Account account = Known();
  Tell(account, "update");
  ASSERT_TRUE(WaitUntilOutdated(JidOf(account)));
  EXPECT_EQ(Stored("15551230001@s.whatsapp.net").jid(), "");
  EXPECT_THAT(simulator_->protocol_errors(), IsEmpty());
}

}  // namespace
}  // namespace portrait
