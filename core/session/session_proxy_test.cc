// Tests accounts that reach WhatsApp through proxies.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/session/testing/session_pool_test_fixture.h"
#include "tests/support/test_proxy.h"

namespace portrait {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using Kind = whatsapp::Proxy::Kind;

constexpr uint64_t kFirst = 491711230000;
constexpr char kAda[] = "+15551230001";
constexpr char kBob[] = "+15551230002";

class SessionProxyTest : public SessionPoolTest {
 protected:
  void StartTlsSimulator() {
    sim::Simulator::Options options;
    options.tls = true;
    StartSimulator(std::move(options));
  }
  void UseProxy(const std::string& url) {
    options_.connection.websocket.proxy = whatsapp::ParseProxy(url).value();
  }
  // The error of pairing through `proxy`.
  absl::Status PairingFailure(const std::string& proxy) {
    const auto observer =
        std::make_shared<TestObserver>(simulator_.get(), kAda);
    const auto started = pool_->Pair({"ada", "", proxy}, observer);
    return started.ok() ? observer->Wait().status() : started.status();
  }
  void PairThrough(const std::string& name, const std::string& number,
                   const std::string& proxy) {
    const auto observer =
        std::make_shared<TestObserver>(simulator_.get(), number);
    ASSERT_TRUE(pool_->Pair({name, "", proxy}, observer).ok());
    const absl::StatusOr<v1::Session> paired = observer->Wait();
    ASSERT_TRUE(paired.ok()) << paired.status();
  }
  std::string target() const {
    const std::string host =
        endpoints_.url.substr(endpoints_.url.find("//") + 2);
    return host.substr(0, host.find('/'));
  }
};

TEST_F(SessionProxyTest, AllAccountsWorkThroughTheServersProxy) {
  for (const Kind kind : {Kind::kHttpConnect, Kind::kSocks5}) {
    TestProxy proxy({.kind = kind, .user = "ann", .password = "secret"});
    StartTlsSimulator();
    UseProxy(proxy.Url("ann:secret"));
    StartPool();
    Pair("ada", kAda);
    work_.Add(TasksFor(kFirst, 50, UrlNeed::kAlways));
    ASSERT_TRUE(work_.WaitUntilDone());
    EXPECT_THAT(work_.failures(), IsEmpty());
    // The proxy was used by the pairing's connection and by the session's.
    EXPECT_THAT(proxy.targets(), SizeIs(2));
    EXPECT_THAT(proxy.targets(), Each(target()));
    EXPECT_EQ(pool_->Get("ada")->proxy(), "");
    StopPool();
    ASSERT_TRUE(stores_.sessions->Delete("ada").ok());
    simulator_.reset();
  }
}

TEST_F(SessionProxyTest, TheServerIsVerifiedBehindAProxy) {
  TestProxy proxy({.kind = Kind::kSocks5});
  StartTlsSimulator();
  UseProxy(proxy.Url());
  std::string& url = options_.connection.websocket.url;
  url.replace(url.find("127.0.0.1"), 9, "whatsapp.invalid");
  StartPool();
  const absl::Status refused = PairingFailure("");
  EXPECT_THAT(refused.message(), HasSubstr("certificate"));
  EXPECT_THAT(proxy.targets(), SizeIs(1));
}

TEST_F(SessionProxyTest, AnAccountsOwnProxyGoesFirstAndIsKept) {
  TestProxy own({.kind = Kind::kSocks5, .user = "ann", .password = "secret"});
  TestProxy servers({});
  StartTlsSimulator();
  UseProxy(servers.Url());
  StartPool();
  PairThrough("ada", kAda, own.Url("ann:secret"));
  PairThrough("bob", kBob, "direct");
  EXPECT_EQ(pool_->Get("ada")->proxy(), own.Url());
  EXPECT_EQ(pool_->Get("bob")->proxy(), "direct");
  EXPECT_THAT(own.targets(), SizeIs(2));

  StopPool();
  StartPool();
  WaitForState("ada", v1::SESSION_STATE_READY);
  WaitForState("bob", v1::SESSION_STATE_READY);
  EXPECT_EQ(pool_->Get("ada")->proxy(), own.Url());
  EXPECT_THAT(own.targets(), SizeIs(3));
  EXPECT_THAT(servers.targets(), IsEmpty());
  const auto records = stores_.sessions->List("");
  ASSERT_TRUE(records.ok()) << records.status();
  for (const auto& [name, record] : *records) {
    EXPECT_THAT(record, Not(HasSubstr("secret")));
  }
}

TEST_F(SessionProxyTest, AnAccountMovesToAnotherProxy) {
  TestProxy first({}), second({.kind = Kind::kSocks5});
  StartTlsSimulator();
  StartPool();
  PairThrough("ada", kAda, first.Url());
  const size_t before = first.targets().size();

  const absl::StatusOr<v1::Session> moved =
      pool_->SetProxy("ada", second.Url());
  ASSERT_TRUE(moved.ok()) << moved.status();
  EXPECT_EQ(moved->proxy(), second.Url());
  EXPECT_TRUE(WaitFor([&] { return Stats().logins() == 2; }));
  WaitForState("ada", v1::SESSION_STATE_READY);
  EXPECT_THAT(second.targets(), SizeIs(1));

  // The account also changes from a proxy that does not exist.
  ASSERT_TRUE(pool_->SetProxy("ada", "socks5://127.0.0.1:1").ok());
  EXPECT_TRUE(WaitFor([&] {
    return absl::StrContains(pool_->Get("ada")->state_reason(),
                             "connecting to proxy 127.0.0.1:1");
  }));
  ASSERT_TRUE(pool_->SetProxy("ada", "").ok());
  WaitForState("ada", v1::SESSION_STATE_READY);
  EXPECT_EQ(pool_->Get("ada")->proxy(), "");

  // The last proxy is stored.
  ASSERT_TRUE(pool_->SetProxy("ada", second.Url()).ok());
  EXPECT_TRUE(WaitFor([&] { return Stats().logins() == 4; }));
  StopPool();
  StartPool();
  WaitForState("ada", v1::SESSION_STATE_READY);
  EXPECT_THAT(second.targets(), SizeIs(3));
  EXPECT_THAT(first.targets(), SizeIs(before));

  EXPECT_TRUE(absl::IsNotFound(pool_->SetProxy("bob", "").status()));
  EXPECT_TRUE(
      absl::IsInvalidArgument(pool_->SetProxy("ada", "proxy:1").status()));
}

TEST_F(SessionProxyTest, SaysWhichHopFailedAndNoPassword) {
  TestProxy proxy({.kind = Kind::kHttpConnect, .user = "ann", .password = "x"});
  StartTlsSimulator();
  StartPool();
  const absl::Status refused = PairingFailure(proxy.Url("ann:secret"));
  EXPECT_THAT(refused.message(),
              HasSubstr(absl::StrCat("proxy ", proxy.Url())));
  EXPECT_THAT(refused.message(), HasSubstr("HTTP 407"));
  const absl::Status absent = PairingFailure("socks5://ann:secret@127.0.0.1:1");
  EXPECT_THAT(absent.message(), HasSubstr("connecting to proxy 127.0.0.1:1"));
  const absl::Status none = PairingFailure("ftp://ann:secret@127.0.0.1:1");
  EXPECT_EQ(none.code(), absl::StatusCode::kInvalidArgument);
  for (const absl::Status& status : {refused, absent, none}) {
    EXPECT_THAT(status.message(), Not(HasSubstr("secret")));
  }
}

}  // namespace
}  // namespace portrait
