#include "core/whatsapp/proxy.h"

#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

#include "absl/strings/str_cat.h"
#include "core/whatsapp/transport.h"
#include "tests/support/coroutine.h"
#include "tests/support/fake_server.h"
#include "tests/support/test_proxy.h"

namespace portrait::whatsapp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using Kind = Proxy::Kind;

// ---- URLs

TEST(ProxyUrlTest, ReadsHttpAndSocksUrls) {
  const struct {
    const char* url;
    Kind kind;
    const char* host;
    int port;
    const char* user;
    const char* password;
    const char* shown;
  } kCases[] = {
      {"http://proxy:3128", Kind::kHttpConnect, "proxy", 3128, "", "",
       "http://proxy:3128"},
      {"HTTP://ann:secret@10.0.0.1:80/", Kind::kHttpConnect, "10.0.0.1", 80,
       "ann", "secret", "http://10.0.0.1:80"},
      {"socks5://[::1]:1080", Kind::kSocks5, "::1", 1080, "", "",
       "socks5://[::1]:1080"},
      {"socks5://a%40b:p%3a%25@x:1", Kind::kSocks5, "x", 1, "a@b", "p:%",
       "socks5://x:1"},
      {"socks5://ann:p@ss:word@x:1", Kind::kSocks5, "x", 1, "ann", "p@ss:word",
       "socks5://x:1"},
      {"socks5://ann@x:1", Kind::kSocks5, "x", 1, "ann", "", "socks5://x:1"},
      {"direct", Kind::kNone, "", 0, "", "", ""},
      {"", Kind::kNone, "", 0, "", "", ""},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.url);
    const absl::StatusOr<Proxy> proxy = ParseProxy(c.url);
    ASSERT_TRUE(proxy.ok()) << proxy.status();
    EXPECT_EQ(proxy->kind, c.kind);
    EXPECT_EQ(proxy->address.host, c.host);
    EXPECT_EQ(proxy->address.port, c.port);
    EXPECT_EQ(proxy->user, c.user);
    EXPECT_EQ(proxy->password, c.password);
    EXPECT_EQ(proxy->ToString(), c.shown);
  }
}

TEST(ProxyUrlTest, ErrorsContainNoSecret) {
  const struct {
    std::string url;
    const char* why;
  } kCases[] = {
      {"ann:secret@proxy:3128", "expected http://"},
      {"https://ann:secret@proxy:3128", "expected http://"},
      {"http://ann:secret@proxy", "port is missing"},
      {"http://ann:secret@proxy:", "the port"},
      {"http://ann:secret@proxy:0", "the port"},
      {"http://ann:secret@proxy:65536", "the port"},
      {"http://ann:secret@:3128", "host is missing"},
      {"http://ann:secret@[::1:3128", "missing ]"},
      {"http://ann:secret@[[::1]:3128", "brackets"},
      {"http://ann:secret@proxy/x:3128", "after the port"},
      {"http://ann:secret @proxy:1", "spaces"},
      {"http://ann:secret%@proxy:1", "%25"},
      {"http://ann:secret%4@proxy:1", "%25"},
      {"http://a%3Ab:secret@proxy:1", "colon"},
      {"http://:secret@proxy:1", "no user name"},
      {absl::StrCat("http://ann:", std::string(256, 's'), "@proxy:1"),
       "longer than 255"},
      {absl::StrCat("http://ann:secret@", std::string(254, 'h'), ":1"),
       "longer than 253"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.url);
    const absl::Status status = ParseProxy(c.url).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status));
    EXPECT_THAT(status.message(), HasSubstr(c.why));
    EXPECT_THAT(status.message(), Not(HasSubstr("secret")));
    EXPECT_THAT(status.message(), Not(HasSubstr("ann")));
  }
}

// ---- tunnels

class ProxyTunnelTest : public ::testing::Test {
 protected:
  ~ProxyTunnelTest() override { RunFor(io_, absl::Milliseconds(5)); }

  // Connects to a WebSocket server through `url`.
  absl::Status Connect(const std::string& url,
                       const std::string& host = "127.0.0.1") {
    WebSocketOptions options;
    options.url = server_.url();
    options.url.replace(options.url.find("127.0.0.1"), 9, host);
    options.proxy = ParseProxy(url).value();
    options.timeout = timeout_;
    auto accepting = StartCoroutine(io_, server_.AcceptSilently());
    const auto connected =
        RunCoroutine(io_, ConnectWebSocket(io_.get_executor(), options));
    return connected.status();
  }
  std::string target(const std::string& host) const {
    const std::string url = server_.url();
    const std::string port = url.substr(url.rfind(':') + 1);
    return absl::StrCat(host, ":", port.substr(0, port.find('/')));
  }

  boost::asio::io_context io_;
  FakeServer server_{io_};
  absl::Duration timeout_ = kTestDeadline;
};

TEST_F(ProxyTunnelTest, ReachesTheServerThroughEachKind) {
  for (const Kind kind : {Kind::kHttpConnect, Kind::kSocks5}) {
    TestProxy open({.kind = kind});
    EXPECT_TRUE(Connect(open.Url()).ok());
    // A SOCKS5 proxy without login neither gets the password nor refuses the
    // client.
    EXPECT_TRUE(Connect(open.Url("ann:secret")).ok());
    EXPECT_THAT(open.targets(),
                ElementsAre(target("127.0.0.1"), target("127.0.0.1")));
    TestProxy closed({.kind = kind, .user = "ann", .password = "se:cr@et"});
    const absl::Status status = Connect(closed.Url("ann:se:cr%40et"));
    EXPECT_TRUE(status.ok()) << status;
  }
}

TEST_F(ProxyTunnelTest, TheProxyLooksNamesUp) {
  for (const Kind kind : {Kind::kHttpConnect, Kind::kSocks5}) {
    TestProxy proxy({.kind = kind});
    const absl::Status status = Connect(proxy.Url(), "whatsapp.invalid");
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_THAT(proxy.targets(), ElementsAre(target("whatsapp.invalid")));
  }
}

TEST_F(ProxyTunnelTest, SaysWhenTheProxyDoesNotReachTheServer) {
  for (const Kind kind : {Kind::kHttpConnect, Kind::kSocks5}) {
    TestProxy proxy({.kind = kind});
    const absl::Status status = Connect(proxy.Url(), "nowhere.invalid");
    EXPECT_TRUE(absl::IsUnavailable(status));
    EXPECT_THAT(status.message(),
                HasSubstr(absl::StrCat("proxy ", proxy.Url())));
    EXPECT_THAT(status.message(), HasSubstr(target("nowhere.invalid")));
    EXPECT_THAT(
        status.message(),
        HasSubstr(kind == Kind::kSocks5 ? "host unreachable (4)" : "HTTP 502"));
  }
}

TEST_F(ProxyTunnelTest, SaysWhenTheProxyItselfIsNotThere) {
  const absl::Status status = Connect("socks5://ann:secret@127.0.0.1:1");
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_THAT(status.message(), HasSubstr("connecting to proxy 127.0.0.1:1"));
  EXPECT_THAT(status.message(), Not(HasSubstr("secret")));
}

TEST_F(ProxyTunnelTest, SaysWhenTheProxyDoesNotTakeThePassword) {
  for (const Kind kind : {Kind::kHttpConnect, Kind::kSocks5}) {
    TestProxy proxy({.kind = kind, .user = "ann", .password = "secret"});
    for (const char* credentials : {"ann:wrong", "bob:secret", ""}) {
      const absl::Status status = Connect(proxy.Url(credentials));
      EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
      EXPECT_THAT(status.message(),
                  HasSubstr(*credentials == '\0'
                                ? "requires a user name and a password"
                                : "refuses our user name or password"));
      EXPECT_THAT(status.message(), Not(HasSubstr("wrong")));
    }
    EXPECT_THAT(proxy.targets(), ElementsAre());
  }
}

TEST_F(ProxyTunnelTest, RefusesInvalidProxyAnswers) {
  const struct {
    Kind kind;
    std::string answer;
    const char* why;
  } kCases[] = {
      {Kind::kHttpConnect, "SSH-2.0-OpenSSH\r\n\r\n", "not HTTP"},
      {Kind::kHttpConnect, "HTTP/1.1 200", "closed the connection"},
      {Kind::kHttpConnect,
       absl::StrCat("HTTP/1.1 200 OK\r\nX: ", std::string(32'000, 'x')),
       "not HTTP"},
      {Kind::kHttpConnect, "HTTP/1.1 200 OK\r\n\r\nWelcome",
       "after its answer"},
      {Kind::kHttpConnect, "HTTP/1.1 301 Moved\r\nLocation: /\r\n\r\n",
       "HTTP 301"},
      {Kind::kSocks5, "HTTP/1.1 400 Bad Request\r\n\r\n", "not SOCKS5"},
      {Kind::kSocks5, std::string("\4\0", 2), "not SOCKS5"},
      {Kind::kSocks5, "\5", "closed the connection"},
      {Kind::kSocks5, "\5\1", "not offered"},
      {Kind::kSocks5, "\5\2", "not offered"},
      {Kind::kSocks5, std::string("\5\0\4\0\0\1", 6), "not SOCKS5"},
      {Kind::kSocks5, std::string("\5\0\5\2\0\1", 6), "not allowed"},
      {Kind::kSocks5, std::string("\5\0\5\x63\0\1", 6), "unknown reason (99)"},
      {Kind::kSocks5, std::string("\5\0\5\0\0\2", 6), "not SOCKS5"},
      {Kind::kSocks5, std::string("\5\0\5\0\0\3\xFFshort", 12),
       "closed the connection"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.why);
    TestProxy proxy({.kind = c.kind, .rude_answer = c.answer});
    const absl::Status status = Connect(proxy.Url());
    EXPECT_TRUE(absl::IsUnavailable(status)) << status;
    EXPECT_THAT(status.message(), HasSubstr(c.why));
  }
}

TEST_F(ProxyTunnelTest, GivesUpOnASilentProxy) {
  timeout_ = absl::Milliseconds(100);
  for (const Kind kind : {Kind::kHttpConnect, Kind::kSocks5}) {
    TestProxy proxy({.kind = kind, .silent = true});
    const absl::Status status = Connect(proxy.Url());
    EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
    EXPECT_THAT(status.message(), HasSubstr("no tunnel to"));
  }
}

}  // namespace
}  // namespace portrait::whatsapp
