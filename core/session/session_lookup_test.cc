// Tests lookups through sessions: results match the simulated directory, with
// few queries.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "core/session/testing/session_pool_test_fixture.h"

namespace portrait {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr uint64_t kFirst = 491711230000;
constexpr char kAda[] = "+15551230001";
// A picture is asked for as image and as preview.
constexpr uint64_t kSizes = 2;

class SessionLookupTest : public SessionPoolTest {
 protected:
  void ExpectAllRight(uint64_t first, size_t count) {
    const auto seen = work_.observations();
    EXPECT_THAT(work_.failures(), IsEmpty());
    for (uint64_t number = first; number < first + count; ++number) {
      SCOPED_TRACE(absl::StrCat("+", number));
      const auto it = seen.find(absl::StrCat(number, "@s.whatsapp.net"));
      ASSERT_TRUE(it != seen.end());
      ExpectRight(absl::StrCat("+", number), it->second);
    }
  }
  size_t CountAccounts(
      uint64_t first, size_t count,
      const std::function<bool(const sim::v1::Account&)>& matches) {
    size_t matching = 0;
    for (uint64_t number = first; number < first + count; ++number) {
      matching += matches(AccountOf(absl::StrCat("+", number)));
    }
    return matching;
  }
};

bool HasVisiblePicture(const sim::v1::Account& account) {
  return account.registered() && !account.picture_id().empty() &&
         !account.picture_hidden();
}

TEST_F(SessionLookupTest, AnswersAThousandContactsByTheDirectory) {
  StartSimulator();
  StartPool();
  Pair("ada", kAda);
  work_.Add(TasksFor(kFirst, 1000, UrlNeed::kAlways));
  ASSERT_TRUE(work_.WaitUntilDone());
  ExpectAllRight(kFirst, 1000);
  for (const auto& [jid, seen] : work_.observations()) {
    const bool available = seen.state == v1::PICTURE_STATE_AVAILABLE;
    EXPECT_EQ(seen.full_url.has_value(), available) << jid;
    EXPECT_EQ(seen.preview_url.has_value(), available) << jid;
    EXPECT_EQ(seen.session, "ada");
    if (available) {
      EXPECT_GT(seen.full_url->expires_at, absl::Now());
      EXPECT_LT(seen.full_url->expires_at, absl::InfiniteFuture());
    }
  }
  const auto stats = Stats();
  EXPECT_GE(stats.usync_users(), 80 * stats.usync_queries());
  EXPECT_EQ(stats.picture_queries(),
            kSizes * CountAccounts(kFirst, 1000, HasVisiblePicture));
  EXPECT_EQ(stats.unregistered_picture_queries(), 0u);
  EXPECT_THAT(simulator_->protocol_errors(), IsEmpty());
  // The session reports its load after it has passed on the results.
  ASSERT_TRUE(WaitFor([&] { return pool_->Get("ada")->in_flight() == 0; }));
  const auto session = pool_->Get("ada");
  EXPECT_EQ(session->lookups(), 1000u);
  EXPECT_EQ(session->failures(), 0u);
}

TEST_F(SessionLookupTest, DistinguishesHiddenFromNotSetWithoutUsyncsHelp) {
  sim::Simulator::Options options;
  options.habits.usync_bare_pictures = true;
  StartSimulator(options);
  StartPool();
  Pair("ada", kAda);
  work_.Add(TasksFor(kFirst, 200, UrlNeed::kAlways));
  ASSERT_TRUE(work_.WaitUntilDone());
  ExpectAllRight(kFirst, 200);
  const uint64_t registered = CountAccounts(
      kFirst, 200,
      [](const sim::v1::Account& account) { return account.registered(); });
  EXPECT_EQ(Stats().picture_queries(), kSizes * registered);
  // The answer is confirmed as long as the reported state is fresh.
  std::vector<ContactTask> again;
  for (const auto& [jid, seen] : work_.observations()) {
    ContactTask task;
    task.contact.jid = *whatsapp::ParseJid(jid);
    task.full_url = seen.state == v1::PICTURE_STATE_AVAILABLE
                        ? UrlNeed::kIfIdChanged
                        : UrlNeed::kAlways;
    task.stored_id = seen.picture_id;
    task.stored_state = seen.state.value_or(v1::PICTURE_STATE_UNSPECIFIED);
    task.stored_state_is_fresh = true;
    again.push_back(task);
  }
  work_.Add(again);
  ASSERT_TRUE(work_.WaitUntilDone());
  ExpectAllRight(kFirst, 200);
  EXPECT_EQ(Stats().picture_queries(), kSizes * registered);
}

TEST_F(SessionLookupTest, AsksForPicturesOnlyWhereTheirUrlsAreNeeded) {
  StartSimulator();
  StartPool();
  Pair("ada", kAda);
  work_.Add(TasksFor(kFirst, 300, UrlNeed::kNo));
  ASSERT_TRUE(work_.WaitUntilDone());
  ExpectAllRight(kFirst, 300);
  EXPECT_EQ(Stats().picture_queries(), 0u);

  // Every tenth visible picture changes.
  std::vector<ContactTask> again;
  std::set<std::string> changed;
  for (const auto& [jid, seen] : work_.observations()) {
    ContactTask task;
    task.contact.jid = *whatsapp::ParseJid(jid);
    task.full_url = UrlNeed::kIfIdChanged;
    task.stored_id = seen.picture_id;
    task.stored_state = seen.state.value_or(v1::PICTURE_STATE_UNSPECIFIED);
    again.push_back(task);
    if (!seen.picture_id.empty() && again.size() % 10 == 0) {
      sim::v1::Account account = AccountOf(seen.phone_number);
      account.set_picture_id(absl::StrCat("99", account.picture_id()));
      ASSERT_TRUE(simulator_->control().SetAccount(account, false).ok());
      changed.insert(jid);
    }
  }
  ASSERT_GT(changed.size(), 5u);
  work_.Add(again);
  ASSERT_TRUE(work_.WaitUntilDone());
  ExpectAllRight(kFirst, 300);
  EXPECT_EQ(Stats().picture_queries(), kSizes * changed.size());
  for (const auto& [jid, seen] : work_.observations()) {
    EXPECT_EQ(seen.full_url.has_value(), changed.contains(jid)) << jid;
  }
}

TEST_F(SessionLookupTest, QueriesBothSizesAndGroupsAndLids) {
  StartSimulator();
  StartPool();
  Pair("ada", kAda);
  std::vector<ContactTask> tasks;
  std::map<std::string, sim::v1::Account> by_lid;
  for (uint64_t number = kFirst; number < kFirst + 60; ++number) {
    const sim::v1::Account account = AccountOf(absl::StrCat("+", number));
    if (!account.registered()) continue;
    by_lid[account.lid()] = account;
    ContactTask task;
    task.contact.jid = *whatsapp::ParseJid(account.lid());
    task.contact.kind = ContactKind::kLid;
    task.full_url = UrlNeed::kAlways;
    task.preview_url = UrlNeed::kAlways;
    tasks.push_back(task);
  }
  for (int i = 0; i < 20; ++i) {
    ContactTask task;
    task.contact.jid = {absl::StrCat("12036304123456", 7890 + i),
                        whatsapp::kGroupServer};
    task.contact.kind = ContactKind::kGroup;
    task.full_url = UrlNeed::kAlways;
    tasks.push_back(task);
  }
  work_.Add(tasks);
  ASSERT_TRUE(work_.WaitUntilDone());
  EXPECT_THAT(work_.failures(), IsEmpty());
  const auto observations = work_.observations();
  EXPECT_THAT(observations, SizeIs(by_lid.size() + 20));
  size_t with_picture = 0;
  for (const auto& [jid, seen] : observations) {
    SCOPED_TRACE(jid);
    EXPECT_TRUE(seen.state.has_value());
    const bool available = seen.state == v1::PICTURE_STATE_AVAILABLE;
    EXPECT_EQ(seen.full_url.has_value(), available);
    if (!by_lid.contains(jid)) {
      EXPECT_FALSE(seen.registration.has_value());
      with_picture += available;
      continue;
    }
    EXPECT_EQ(seen.lid, jid);
    EXPECT_EQ(seen.preview_url.has_value(), available);
    EXPECT_EQ(available, HasVisiblePicture(by_lid[jid]));
  }
  EXPECT_GT(with_picture, 0u);
  EXPECT_THAT(simulator_->protocol_errors(), IsEmpty());
}

TEST_F(SessionLookupTest, DistinguishesUnknownFromKnownLids) {
  StartSimulator();
  StartPool();
  Pair("ada", kAda);
  ContactTask task;
  task.contact.jid = {"1", whatsapp::kLidServer};
  task.contact.kind = ContactKind::kLid;
  task.full_url = UrlNeed::kAlways;
  work_.Add({task});
  ASSERT_TRUE(work_.WaitUntilDone());
  EXPECT_EQ(work_.observations()["1@lid"].registration,
            v1::REGISTRATION_NOT_REGISTERED);
  EXPECT_EQ(Stats().picture_queries(), 0u);
}

TEST_F(SessionLookupTest, KeepsTheWindowFullOverASlowLink) {
  StartSimulator();
  sim::v1::SetFaultsRequest faults;
  faults.mutable_latency()->set_nanos(100'000'000);
  StartPool();
  Pair("ada", kAda);
  SetFaults(faults);
  constexpr size_t kContacts = 2000;
  const absl::Time start = absl::Now();
  work_.Add(TasksFor(kFirst, kContacts, UrlNeed::kAlways));
  ASSERT_TRUE(work_.WaitUntilDone());
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  const auto stats = Stats();
  const double queries =
      static_cast<double>(stats.picture_queries() + stats.usync_queries());
  // 16 queries in flight of 0.1 s each allow at most 160 per second.
  EXPECT_GT(queries / seconds, 0.85 * 160);
  EXPECT_GE(stats.usync_users(), 80 * stats.usync_queries());
}

TEST_F(SessionLookupTest, AnswersOneUrgentContactInTheMiddleOfSlowBulk) {
  options_.usync_per_second = 5;
  options_.pictures_per_second = 10;
  StartSimulator();
  StartPool();
  Pair("ada", kAda);
  work_.Add(TasksFor(kFirst, 1000, UrlNeed::kAlways));
  ASSERT_TRUE(WaitFor([&] { return Stats().picture_queries() > 15; }));
  std::vector<ContactTask> urgent =
      TasksFor(kFirst + 5000, 1, UrlNeed::kAlways);
  urgent[0].urgent = true;
  const absl::Time start = absl::Now();
  work_.Add(urgent);
  const std::string jid = urgent[0].contact.jid.ToString();
  ASSERT_TRUE(WaitFor([&] { return work_.observations().contains(jid); }));
  // The bulk tasks that the session has taken would take six seconds.
  EXPECT_LT(absl::Now() - start, absl::Seconds(3));
  // The session holds little more than it needs for the next seconds.
  EXPECT_LE(pool_->Get("ada")->in_flight(), 250u);
  EXPECT_EQ(pool_->Get("ada")->lookups_per_second_limit(), 10.0 / kSizes);
}

TEST_F(SessionLookupTest, AsksAboutKnownContactsInLargeQueries) {
  options_.usync_per_second = 4;
  options_.pictures_per_second = 2;
  StartSimulator();
  StartPool();
  Pair("ada", kAda);
  work_.Add(TasksFor(kFirst, 2000, UrlNeed::kNo));
  ASSERT_TRUE(WaitFor([&] { return Stats().usync_queries() > 0; }));
  std::vector<ContactTask> urgent = TasksFor(kFirst + 5000, 1, UrlNeed::kNo);
  urgent[0].urgent = true;
  work_.Add(urgent);
  ASSERT_TRUE(work_.WaitUntilDone());
  // Four of 500, and one for the contact that did not wait for them.
  EXPECT_LE(Stats().usync_queries(), 5u);
  EXPECT_EQ(Stats().usync_users(), 2001u);
  EXPECT_THAT(simulator_->protocol_errors(), IsEmpty());
}

TEST_F(SessionLookupTest, QueriesARepeatedContactOncePerBatch) {
  StartSimulator();
  StartPool();
  Pair("ada", kAda);
  std::vector<ContactTask> tasks = TasksFor(kFirst, 10, UrlNeed::kNo);
  const std::vector<ContactTask> more = TasksFor(kFirst, 10, UrlNeed::kAlways);
  tasks.insert(tasks.end(), more.begin(), more.end());
  work_.Add(tasks);
  ASSERT_TRUE(work_.WaitUntilDone());
  EXPECT_EQ(Stats().usync_users(), 10u);
  EXPECT_THAT(simulator_->protocol_errors(), IsEmpty());
}

TEST_F(SessionLookupTest, DeliversResultsInGroups) {
  StartSimulator();
  StartPool();
  Pair("ada", kAda);
  work_.Add(TasksFor(kFirst, 1000, UrlNeed::kNo));
  ASSERT_TRUE(work_.WaitUntilDone());
  EXPECT_LE(work_.complete_sizes().size(), 30u);
}

TEST_F(SessionLookupTest, SharesWorkAmongSessionsAndHonoursOnlySession) {
  StartSimulator();
  StartPool();
  Pair("ada", kAda);
  Pair("bob", "+15551230002");
  std::vector<ContactTask> tasks = TasksFor(kFirst, 1500, UrlNeed::kAlways);
  for (size_t i = 0; i < 100; ++i) tasks[i].only_session = "bob";
  work_.Add(tasks);
  ASSERT_TRUE(work_.WaitUntilDone());
  ExpectAllRight(kFirst, 1500);
  std::map<std::string, int> by_session;
  for (const auto& [jid, seen] : work_.observations()) {
    ++by_session[seen.session];
  }
  EXPECT_GT(by_session["ada"], 100);
  EXPECT_GT(by_session["bob"], 100);
  for (size_t i = 0; i < 100; ++i) {
    EXPECT_EQ(work_.observations()[tasks[i].contact.jid.ToString()].session,
              "bob");
  }
}

TEST_F(SessionLookupTest, ReceivesNotificationsAboutQueriedContacts) {
  StartSimulator();
  StartPool();
  Pair("ada", kAda);
  uint64_t number = kFirst;
  while (!HasVisiblePicture(AccountOf(absl::StrCat("+", number)))) ++number;
  work_.Add(TasksFor(number, 1, UrlNeed::kAlways));
  ASSERT_TRUE(work_.WaitUntilDone());
  sim::v1::Account account = AccountOf(absl::StrCat("+", number));
  account.set_picture_id("1799999999");
  ASSERT_TRUE(simulator_->control().SetAccount(account, true).ok());
  account.set_picture_id("");
  ASSERT_TRUE(simulator_->control().SetAccount(account, true).ok());
  ASSERT_TRUE(WaitFor([&] { return work_.news().size() == 2; }));
  EXPECT_EQ(work_.news()[0].jid, absl::StrCat(number, "@s.whatsapp.net"));
  EXPECT_EQ(work_.news()[0].picture_id, "1799999999");
  EXPECT_EQ(work_.news()[1].state, v1::PICTURE_STATE_NOT_SET);
}

}  // namespace
}  // namespace portrait
