#include "core/image/cdn_url.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "gtest/gtest.h"

namespace portrait {
namespace {

constexpr char kExtra[] = "http://127.0.0.1:8080";

TEST(CdnUrlTest, OnlyHttpsUrlsOfWhatsAppsHostsAreFetched) {
  for (const char* url :
       {"https://pps.whatsapp.net/v/t61.24694-24/1_2_n.jpg?oh=3",
        "https://PPS.WhatsApp.net/x", "https://pps.whatsapp.net:443/x",
        "https://media-fra3-1.cdn.whatsapp.net/x"}) {
    const auto parsed = ParseCdnUrl(url, "");
    ASSERT_TRUE(parsed.has_value()) << url;
    EXPECT_FALSE(parsed->is_extra);
  }
  for (const char* url : {"http://pps.whatsapp.net/x",
                          "https://pps.whatsapp.net:8443/x",
                          "https://user@pps.whatsapp.net/x",
                          "https://user:pw@pps.whatsapp.net/x",
                          "https://whatsapp.net.evil.example/x",
                          "https://evilwhatsapp.net/x",
                          "https://evil.example/pps.whatsapp.net",
                          "https://evil.example#.whatsapp.net/",
                          "https://169.254.169.254/latest",
                          "https://evil.example\\.whatsapp.net/",
                          "https://pps.whatsapp.net./x",
                          "https://evil.example%2f.whatsapp.net/x",
                          "https://ev\xC3\xADl.whatsapp.net/",
                          "file:///etc/passwd",
                          "https:///x",
                          "pps.whatsapp.net/x",
                          "",
                          "https://pps.whatsapp.net/ x",
                          "https://pps.whatsapp.net/x\r\nHost: evil",
                          kExtra}) {
    EXPECT_FALSE(ParseCdnUrl(url, "").has_value()) << url;
  }
  EXPECT_FALSE(
      ParseCdnUrl("https://pps.whatsapp.net/" + std::string(5000, 'a'), "")
          .has_value());
}

TEST(CdnUrlTest, TheExtraOriginIsAllowedAsItIsAndNoOther) {
  const auto parsed = ParseCdnUrl("http://127.0.0.1:8080/v/x.jpg", kExtra);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_TRUE(parsed->is_extra);
  EXPECT_TRUE(ParseCdnUrl("https://pps.whatsapp.net/x", kExtra).has_value());
  for (const char* url :
       {"http://127.0.0.1:8081/x", "https://127.0.0.1:8080/x",
        "http://127.0.0.2:8080/x", "http://127.0.0.1:8080@evil.example/x"}) {
    EXPECT_FALSE(ParseCdnUrl(url, kExtra).has_value()) << url;
  }
}

TEST(CdnUrlTest, AnExtraOriginIsOnTheLoopback) {
  EXPECT_TRUE(IsLoopbackOrigin("http://127.0.0.1:1"));
  EXPECT_TRUE(IsLoopbackOrigin("https://[::1]:1"));
  EXPECT_TRUE(IsLoopbackOrigin("https://localhost:1"));
  for (const char* origin :
       {"http://10.0.0.1:80", "http://example.com:80", "http://127.0.0.1",
        "ftp://127.0.0.1:1", "", "127.0.0.1:80"}) {
    EXPECT_FALSE(IsLoopbackOrigin(origin)) << origin;
  }
}

bool IsPublicText(const char* text) {
  sockaddr_in v4 = {};
  v4.sin_family = AF_INET;
  if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
    return IsPublicAddress(reinterpret_cast<const sockaddr&>(v4));
  }
  sockaddr_in6 v6 = {};
  v6.sin6_family = AF_INET6;
  EXPECT_EQ(inet_pton(AF_INET6, text, &v6.sin6_addr), 1) << text;
  return IsPublicAddress(reinterpret_cast<const sockaddr&>(v6));
}

TEST(CdnUrlTest, AddressesOfThisMachineOrItsNetworkAreNotPublic) {
  for (const char* text :
       {"157.240.0.60", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2a03:2880::1",
        "2001:4860:4860::8888"}) {
    EXPECT_TRUE(IsPublicText(text)) << text;
  }
  for (const char* text : {"127.0.0.1",
                           "10.1.2.3",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.168.1.1",
                           "169.254.169.254",
                           "100.64.0.1",
                           "0.0.0.0",
                           "224.0.0.1",
                           "255.255.255.255",
                           "198.18.0.1",
                           "::1",
                           "::",
                           "fe80::1",
                           "fd00::1",
                           "::ffff:127.0.0.1",
                           "64:ff9b::7f00:1",
                           "2002:7f00:1::",
                           "2001::1",
                           "2001:db8::1",
                           "ff02::1"}) {
    EXPECT_FALSE(IsPublicText(text)) << text;
  }
}

}  // namespace
}  // namespace portrait
