#include "server/listen_address.h"

#include <string>
#include <tuple>
#include <vector>

#include "gtest/gtest.h"

namespace portrait {
namespace {

TEST(ListenAddressTest, ReadsHostAndPortAndWhetherOthersCanConnect) {
  const std::vector<std::tuple<std::string, std::string, int, bool>> cases = {
      {"127.0.0.1:7700", "127.0.0.1", 7700, true},
      {"127.9.9.9:0", "127.9.9.9", 0, true},
      {"[::1]:65535", "::1", 65535, true},
      {"localhost:1", "localhost", 1, true},
      {"0.0.0.0:7700", "0.0.0.0", 7700, false},
      {"[::]:7700", "::", 7700, false},
      {"10.0.0.1:7700", "10.0.0.1", 7700, false},
      {"portrait.example:7700", "portrait.example", 7700, false},
      {"localhost.example:7700", "localhost.example", 7700, false},
  };
  for (const auto& [text, host, port, loopback] : cases) {
    SCOPED_TRACE(text);
    const absl::StatusOr<ListenAddress> address = ParseListenAddress(text);
    ASSERT_TRUE(address.ok()) << address.status();
    EXPECT_EQ(address->host, host);
    EXPECT_EQ(address->port, port);
    EXPECT_EQ(address->IsLocal(), loopback);
    EXPECT_EQ(address->ToString(), text);
  }
}

TEST(ListenAddressTest, AUnixSocketIsLocal) {
  const absl::StatusOr<ListenAddress> address =
      ParseListenAddress("unix:/run/portrait/socket");
  ASSERT_TRUE(address.ok()) << address.status();
  EXPECT_EQ(address->unix_path, "/run/portrait/socket");
  EXPECT_TRUE(address->IsLocal());
  EXPECT_EQ(address->ToString(), "unix:/run/portrait/socket");
  // The kernel would truncate a longer path.
  EXPECT_TRUE(ParseListenAddress("unix:" + std::string(107, 'a')).ok());
  EXPECT_FALSE(ParseListenAddress("unix:" + std::string(108, 'a')).ok());
  EXPECT_FALSE(ParseListenAddress("unix:").ok());
}

TEST(ListenAddressTest, RefusesInvalidAddresses) {
  for (const std::string text :
       {"", "7700", ":7700", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x",
        "127.0.0.1:65536", "127.0.0.1:-1", "::1:7700"}) {
    EXPECT_EQ(ParseListenAddress(text).status().code(),
              absl::StatusCode::kInvalidArgument)
        << text;
  }
}

}  // namespace
}  // namespace portrait
