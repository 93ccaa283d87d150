#include "core/whatsapp/websocket_url.h"

#include <gtest/gtest.h>

namespace portrait::whatsapp {
namespace {

TEST(WebSocketUrlTest, ReadsSchemeHostPortAndPath) {
  const struct {
    const char* url;
    bool tls;
    const char* host;
    int port;
    const char* target;
    const char* host_header;
  } cases[] = {
      {"wss://web.whatsapp.com/ws/chat", true, "web.whatsapp.com", 443,
       "/ws/chat", "web.whatsapp.com"},
      {"WS://127.0.0.1:8080", false, "127.0.0.1", 8080, "/", "127.0.0.1:8080"},
      {"ws://host?ED=1", false, "host", 80, "/?ED=1", "host"},
      {"ws://host:80/a#b", false, "host", 80, "/a", "host"},
      {"wss://host:80/", true, "host", 80, "/", "host:80"},
      {"wss://[::1]/x", true, "::1", 443, "/x", "[::1]"},
      {"wss://[::1]:7/x?y/z", true, "::1", 7, "/x?y/z", "[::1]:7"},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.url);
    const auto url = ParseWebSocketUrl(one.url);
    ASSERT_TRUE(url.ok()) << url.status();
    EXPECT_EQ(url->tls, one.tls);
    EXPECT_EQ(url->address.host, one.host);
    EXPECT_EQ(url->address.port, one.port);
    EXPECT_EQ(url->target, one.target);
    EXPECT_EQ(url->HostHeader(), one.host_header);
  }
}

}  // namespace
}  // namespace portrait::whatsapp
