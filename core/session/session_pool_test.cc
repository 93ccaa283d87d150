// Tests the lifetime of accounts: linked, stored, connected, disconnected,
// unlinked.
#include "core/session/session_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>

#include "absl/strings/str_cat.h"
#include "core/session/testing/session_pool_test_fixture.h"
#include "tests/support/test_deadline.h"

namespace portrait {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::SizeIs;

constexpr char kAda[] = "+15551230001";
constexpr char kBob[] = "+15551230002";

TEST_F(SessionPoolTest, LinksAnAccountByQrCodeAndShowsIt) {
  StartSimulator();
  StartPool();
  EXPECT_EQ(pool_->GetAvailability("").linked, 0u);
  const v1::Session paired = Pair("ada", kAda);
  EXPECT_EQ(paired.session(), "ada");
  EXPECT_EQ(paired.state(), v1::SESSION_STATE_READY);
  EXPECT_THAT(paired.jid(), HasSubstr("15551230001"));
  EXPECT_THAT(paired.lid(), HasSubstr("@lid"));
  EXPECT_TRUE(paired.has_pair_time());
  EXPECT_THAT(pool_->List(), SizeIs(1));
  EXPECT_TRUE(pool_->Exists("ada"));
  EXPECT_FALSE(pool_->Exists("bob"));
  EXPECT_EQ(pool_->GetAvailability("").ready, 1u);
  EXPECT_EQ(pool_->GetAvailability("bob").linked, 0u);
  EXPECT_TRUE(pool_->IsOwn(whatsapp::PhoneNumberJid("15551230001")));
  const auto lid = whatsapp::ParseJid(AccountOf(kAda).lid());
  EXPECT_TRUE(pool_->IsOwn(*lid));
  EXPECT_FALSE(pool_->IsOwn(whatsapp::PhoneNumberJid("15551230002")));
  EXPECT_THAT(simulator_->protocol_errors(), ElementsAre());
}

TEST_F(SessionPoolTest, TheQrCodeOfAPairingIsKnownUntilThePairingEnds) {
  StartSimulator();
  StartPool();
  const auto code_of = [&](const std::string& name) {
    return pool_->GetQrCode(name).status().code();
  };
  EXPECT_EQ(code_of("ada"), absl::StatusCode::kNotFound);
  const auto observer = std::make_shared<TestObserver>(simulator_.get(), "");
  const auto cancel = pool_->Pair({"ada", ""}, observer);
  ASSERT_TRUE(cancel.ok()) << cancel.status();
  ASSERT_TRUE(observer->WaitForCode());
  const absl::StatusOr<PairingQrCode> code = pool_->GetQrCode("ada");
  ASSERT_TRUE(code.ok()) << code.status();
  EXPECT_EQ(code->text, observer->code());
  EXPECT_GT(code->expires_at, absl::Now());
  EXPECT_EQ(code_of("bob"), absl::StatusCode::kNotFound);
  (*cancel)();
  EXPECT_FALSE(observer->Wait().ok());
  EXPECT_EQ(code_of("ada"), absl::StatusCode::kNotFound);
  Pair("ada", kAda);
  EXPECT_EQ(code_of("ada"), absl::StatusCode::kAlreadyExists);
}

TEST_F(SessionPoolTest, LinksAnAccountByACodeThatIsTypedIntoThePhone) {
  StartSimulator();
  StartPool();
  const auto observer = std::make_shared<TestObserver>(simulator_.get(), kAda);
  ASSERT_TRUE(pool_->Pair({"ada", kAda}, observer).ok());
  const absl::StatusOr<v1::Session> paired = observer->Wait();
  ASSERT_TRUE(paired.ok()) << paired.status();
  EXPECT_EQ(paired->state(), v1::SESSION_STATE_READY);
  EXPECT_THAT(paired->jid(), HasSubstr("15551230001"));
  EXPECT_THAT(observer->code(), MatchesRegex("[1-9A-Z]{4}-[1-9A-Z]{4}"));
  EXPECT_THAT(simulator_->protocol_errors(), ElementsAre());
  // The keys of this session are stored like those of every other account.
  StopPool();
  StartPool();
  WaitForState("ada", v1::SESSION_STATE_READY);
}

TEST_F(SessionPoolTest, AMistypedPairingCodeMayBeTypedAgainTwice) {
  StartSimulator();
  StartPool();
  const auto pair = [&] {
    auto observer = std::make_shared<TestObserver>(simulator_.get(), "");
    EXPECT_TRUE(pool_->Pair({"ada", kAda}, observer).ok());
    EXPECT_TRUE(observer->WaitForCode());
    return observer;
  };
  const auto enter = [&](const std::string& code) {
    return simulator_->control().EnterPairingCode(code, kAda).status();
  };
  const auto careless = pair();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(enter("1111-1111").code(), absl::StatusCode::kInvalidArgument);
  }
  const absl::Status refused = careless->Wait().status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnauthenticated) << refused;
  EXPECT_THAT(refused.message(), HasSubstr("wrong code"));

  const auto careful = pair();
  EXPECT_EQ(enter("1111-1111").code(), absl::StatusCode::kInvalidArgument);
  const absl::Status entered = enter(careful->code());
  EXPECT_TRUE(entered.ok()) << entered;
  EXPECT_TRUE(careful->Wait().ok());
  EXPECT_EQ(Stats().pairings(), 1u);
}

TEST_F(SessionPoolTest, ReportsAPairingCodeThatWasNotEntered) {
  options_.connection.pairing_code_life = absl::Seconds(1);
  StartSimulator();
  StartPool();
  const auto observer = std::make_shared<TestObserver>(simulator_.get(), "");
  ASSERT_TRUE(pool_->Pair({"ada", kAda}, observer).ok());
  const absl::Status late = observer->Wait().status();
  EXPECT_EQ(late.code(), absl::StatusCode::kDeadlineExceeded) << late;
  EXPECT_THAT(late.message(), HasSubstr("the code was not entered"));
  EXPECT_THAT(pool_->List(), SizeIs(0));
  EXPECT_TRUE(WaitFor([&] { return Stats().connections() == 0; }));
}

TEST_F(SessionPoolTest, LogsInAgainAfterARestart) {
  StartSimulator();
  StartPool();
  Pair("ada", kAda);
  Pair("bob", kBob);
  StopPool();
  EXPECT_TRUE(WaitFor([&] { return Stats().connections() == 0; }));
  StartPool();
  WaitForState("ada", v1::SESSION_STATE_READY);
  WaitForState("bob", v1::SESSION_STATE_READY);
  EXPECT_EQ(Stats().pairings(), 2u);
  EXPECT_TRUE(pool_->IsOwn(whatsapp::PhoneNumberJid("15551230002")));
}

TEST_F(SessionPoolTest, StartsNothingUnderAWrongKey) {
  StartSimulator();
  StartPool();
  Pair("ada", kAda);
  Pair("bob", kBob);
  StopPool();
  const uint64_t logins = Stats().logins();
  boost::asio::io_context io;
  const std::string other_key = folder_.path() + "/other.key";
  ASSERT_TRUE(WriteKeyFile(other_key, MakeSealKeys()).ok());
  const auto sealed = SealedSessions::Open(*stores_.sessions, other_key);
  ASSERT_TRUE(sealed.ok()) << sealed.status();
  const auto pool = SessionPool::Make(io, **sealed, work_, options_);
  const absl::Status started = pool->Start();
  EXPECT_EQ(started.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(started.message(), HasSubstr("session ada"));
  EXPECT_THAT(started.message(), HasSubstr(other_key));
  EXPECT_THAT(pool->List(), SizeIs(0));
  EXPECT_EQ(Stats().logins(), logins);
  EXPECT_THAT(*stores_.sessions->List(""), SizeIs(2));
}

TEST_F(SessionPoolTest, RefusesInvalidAndUsedNames) {
  StartSimulator();
  StartPool();
  const auto observer = std::make_shared<TestObserver>(simulator_.get(), "");
  for (const std::string& name : {std::string("Ada"), std::string("a b"),
                                  std::string("a/b"), std::string(64, 'a')}) {
    EXPECT_EQ(pool_->Pair({name, ""}, observer).status().code(),
              absl::StatusCode::kInvalidArgument)
        << name;
  }
  const auto cancel = pool_->Pair({"ada", ""}, observer);
  ASSERT_TRUE(cancel.ok());
  EXPECT_EQ(pool_->Pair({"ada", ""}, observer).status().code(),
            absl::StatusCode::kAlreadyExists);
  ASSERT_TRUE(observer->WaitForCode());
  (*cancel)();
  EXPECT_EQ(observer->Wait().status().code(), absl::StatusCode::kCancelled);
  EXPECT_THAT(pool_->List(), SizeIs(0));
  // The name is free again, and an empty name makes the pool choose one.
  Pair("ada", kAda);
  EXPECT_EQ(Pair("", kBob).session(), "session-1");
}

TEST_F(SessionPoolTest, BoundsThePairingsAtOnce) {
  StartSimulator();
  StartPool();
  const auto observers = [&] {
    std::vector<std::shared_ptr<TestObserver>> made;
    for (int i = 0; i < 16; ++i) {
      made.push_back(std::make_shared<TestObserver>(simulator_.get(), ""));
    }
    return made;
  }();
  for (const auto& observer : observers) {
    ASSERT_TRUE(pool_->Pair({}, observer).ok());
  }
  EXPECT_EQ(pool_->Pair({}, observers[0]).status().code(),
            absl::StatusCode::kResourceExhausted);
  StopPool();
  for (const auto& observer : observers) {
    EXPECT_EQ(observer->Wait().status().code(), absl::StatusCode::kUnavailable);
  }
}

TEST_F(SessionPoolTest, ReconnectsByItselfWhenDropped) {
  StartSimulator();
  StartPool();
  Pair("ada", kAda);
  for (const char* stream_error : {"", "503", "515"}) {
    const uint64_t logins = Stats().logins();
    ASSERT_TRUE(simulator_->control().Disconnect(kAda, stream_error).ok());
    EXPECT_TRUE(WaitFor([&] { return Stats().logins() > logins; }))
        << stream_error;
    WaitForState("ada", v1::SESSION_STATE_READY);
  }
}

TEST_F(SessionPoolTest, StaysDisconnectedWhenConnectedElsewhere) {
  StartSimulator();
  StartPool();
  Pair("ada", kAda);
  ASSERT_TRUE(simulator_->control().Disconnect(kAda, "conflict").ok());
  const v1::Session paused = WaitForState("ada", v1::SESSION_STATE_PAUSED);
  EXPECT_THAT(paused.state_reason(), HasSubstr("connected elsewhere"));
  EXPECT_EQ(pool_->GetAvailability("").linked, 0u);
  ASSERT_TRUE(pool_->Resume("ada").ok());
  WaitForState("ada", v1::SESSION_STATE_READY);
}

TEST_F(SessionPoolTest, StopsWhenUnlinkedOnThePhone) {
  StartSimulator();
  StartPool();
  Pair("ada", kAda);
  ASSERT_TRUE(simulator_->control().UnlinkDevice(kAda).ok());
  WaitForState("ada", v1::SESSION_STATE_LOGGED_OUT);
  EXPECT_EQ(pool_->GetAvailability("").linked, 0u);
  EXPECT_EQ(pool_->Resume("ada").status().code(),
            absl::StatusCode::kFailedPrecondition);
  // The same holds if it happened while no session was connected.
  StopPool();
  StartPool();
  WaitForState("ada", v1::SESSION_STATE_LOGGED_OUT);
}

TEST_F(SessionPoolTest, PausedSessionsStayConnectedAndTakeNoWork) {
  StartSimulator();
  StartPool();
  Pair("ada", kAda);
  const auto paused = pool_->Pause("ada");
  ASSERT_TRUE(paused.ok());
  EXPECT_EQ(paused->state(), v1::SESSION_STATE_PAUSED);
  EXPECT_EQ(pool_->GetAvailability("").ready, 0u);
  work_.Add(TasksFor(15557770000, 50, UrlNeed::kNo));
  EXPECT_FALSE(work_.WaitUntilDone(absl::Milliseconds(200)));
  EXPECT_EQ(Stats().usync_queries(), 0u);
  EXPECT_EQ(Stats().connections(), 1u);
  // It also holds after a reconnect and after a restart.
  ASSERT_TRUE(simulator_->control().Disconnect(kAda, "").ok());
  EXPECT_TRUE(WaitFor([&] { return Stats().logins() == 2; }));
  StopPool();
  StartPool();
  EXPECT_TRUE(WaitFor([&] { return Stats().logins() == 3; }));
  WaitForState("ada", v1::SESSION_STATE_PAUSED);
  EXPECT_EQ(pool_->GetAvailability("").linked, 0u);
  EXPECT_EQ(Stats().usync_queries(), 0u);
  ASSERT_TRUE(pool_->Resume("ada").ok());
  EXPECT_TRUE(work_.WaitUntilDone());
  // The end of a pause is stored as well.
  StopPool();
  StartPool();
  WaitForState("ada", v1::SESSION_STATE_READY);
  EXPECT_EQ(pool_->Pause("bob").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(pool_->Resume("bob").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(SessionPoolTest, LogoutUnlinksAndErases) {
  StartSimulator();
  StartPool();
  Pair("ada", kAda);
  const auto logout = [&](const std::string& name) {
    absl::Mutex mu;
    bool heard = false;
    absl::Status result;
    pool_->Logout(name, [&](absl::Status status) {
      absl::MutexLock lock(&mu);
      heard = true;
      result = std::move(status);
    });
    absl::MutexLock lock(&mu);
    mu.Await(absl::Condition(&heard));
    return result;
  };
  EXPECT_TRUE(logout("ada").ok());
  EXPECT_FALSE(pool_->Exists("ada"));
  EXPECT_THAT(*stores_.sessions->List(""), SizeIs(0));
  EXPECT_EQ(logout("ada").code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(WaitFor([&] { return Stats().connections() == 0; }));
  EXPECT_FALSE(pool_->IsOwn(whatsapp::PhoneNumberJid("15551230001")));
  // The name can be linked again; the keys of an unreachable account are
  // erased, too.
  Pair("ada", kAda);
  simulator_->Stop();
  EXPECT_TRUE(WaitFor([&] { return pool_->GetAvailability("").ready == 0; }));
  EXPECT_TRUE(logout("ada").ok());
  EXPECT_THAT(*stores_.sessions->List(""), SizeIs(0));
}

TEST_F(SessionPoolTest, SaysWhenItWillTryAgainWhileWhatsAppIsAway) {
  StartSimulator();
  StartPool();
  Pair("ada", kAda);
  simulator_->Stop();
  ASSERT_TRUE(WaitFor([&] { return pool_->GetAvailability("").ready == 0; }));
  const SessionDirectory::Availability away = pool_->GetAvailability("");
  EXPECT_EQ(away.linked, 1u);
  EXPECT_LT(away.next_ready, absl::Now() + absl::Minutes(16));
  EXPECT_EQ(pool_->Get("ada")->state(), v1::SESSION_STATE_CONNECTING);
}

TEST_F(SessionPoolTest, StopsQuicklyWhileALoginHangs) {
  StartSimulator();
  StartPool();
  Pair("ada", kAda);
  StopPool();
  // This server accepts connections but sends nothing.
  boost::asio::io_context io;
  boost::asio::ip::tcp::acceptor silent(
      io, {boost::asio::ip::make_address("127.0.0.1"), 0});
  options_.connection.websocket.url =
      absl::StrCat("ws://127.0.0.1:", silent.local_endpoint().port(), "/ws");
  StartPool();
  ASSERT_TRUE(WaitFor(
      [&] { return pool_->Get("ada")->state_reason() == "connecting"; }));
  const absl::Time start = absl::Now();
  pool_->Stop(kTestDeadline);
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
}

}  // namespace
}  // namespace portrait
