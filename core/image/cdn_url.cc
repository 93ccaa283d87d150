#include "core/image/cdn_url.h"

#include <curl/curl.h>
#include <netinet/in.h>

#include <cstdint>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace portrait {
namespace {

constexpr size_t kMaxUrlBytes = 4096;
constexpr absl::string_view kPictureDomain = ".whatsapp.net";

struct UrlPartDeleter {
  void operator()(char* part) const { curl_free(part); }
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

// One part of a parsed URL; empty if it has none.
std::string PartOf(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return "";
  const std::unique_ptr<char, UrlPartDeleter> owner(text);
  return text;
}

struct UrlParts {
  std::string scheme, host, port;
  bool has_user = false;
};

std::optional<UrlParts> SplitUrl(const std::string& text) {
  if (text.size() > kMaxUrlBytes) return std::nullopt;
  for (const char c : text) {
    if (c <= ' ' || !absl::ascii_isprint(c) || c == '\\') return std::nullopt;
  }
  const std::unique_ptr<CURLU, UrlPartDeleter> url(curl_url());
  if (url == nullptr ||
      curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    return std::nullopt;
  }
  UrlParts parts;
  parts.scheme = absl::AsciiStrToLower(PartOf(url.get(), CURLUPART_SCHEME));
  parts.host = absl::AsciiStrToLower(PartOf(url.get(), CURLUPART_HOST));
  parts.port = PartOf(url.get(), CURLUPART_PORT);
  char* user = nullptr;
  parts.has_user =
      curl_url_get(url.get(), CURLUPART_USER, &user, 0) == CURLUE_OK;
  curl_free(user);
  return parts;
}

bool IsPictureHost(absl::string_view host) {
  if (!absl::EndsWith(host, kPictureDomain)) return false;
  for (const char c : host) {
    if (!absl::ascii_isalnum(c) && c != '-' && c != '.') return false;
  }
  return true;
}

bool IsPublicV4(uint32_t address) {
  struct Block {
    uint32_t start;
    int bits;
  };
  // The IPv4 Special-Purpose Address Registry, and multicast.
  static constexpr Block kBlocks[] = {
      {0x00000000, 8},  {0x0A000000, 8},  {0x64400000, 10}, {0x7F000000, 8},
      {0xA9FE0000, 16}, {0xAC100000, 12}, {0xC0000000, 24}, {0xC0000200, 24},
      {0xC0586300, 24}, {0xC0A80000, 16}, {0xC6120000, 15}, {0xC6336400, 24},
      {0xCB007100, 24}, {0xE0000000, 3}};
  for (const Block& block : kBlocks) {
    if ((address ^ block.start) >> (32 - block.bits) == 0) return false;
  }
  return true;
}

}  // namespace

std::optional<CdnUrl> ParseCdnUrl(const std::string& url,
                                  absl::string_view extra_origin) {
  const std::optional<UrlParts> parts = SplitUrl(url);
  if (!parts.has_value() || parts->has_user) return std::nullopt;
  if (!extra_origin.empty()) {
    const std::optional<UrlParts> extra = SplitUrl(std::string(extra_origin));
    if (extra.has_value() && extra->scheme == parts->scheme &&
        extra->host == parts->host && extra->port == parts->port) {
      return CdnUrl{parts->host, /*is_extra=*/true};
    }
  }
  const bool is_default_port = parts->port.empty() || parts->port == "443";
  if (parts->scheme != "https" || !is_default_port ||
      !IsPictureHost(parts->host)) {
    return std::nullopt;
  }
  return CdnUrl{parts->host, /*is_extra=*/false};
}

bool IsLoopbackOrigin(const std::string& origin) {
  const std::optional<UrlParts> parts = SplitUrl(origin);
  if (!parts.has_value() || parts->has_user || parts->port.empty() ||
      (parts->scheme != "http" && parts->scheme != "https")) {
    return false;
  }
  return parts->host == "127.0.0.1" || parts->host == "[::1]" ||
         parts->host == "localhost";
}

bool IsLoopbackAddress(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    return ntohl(v4.sin_addr.s_addr) >> 24 == 127;
  }
  if (address.sa_family != AF_INET6) return false;
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
  return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
}

bool IsPublicAddress(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    return IsPublicV4(ntohl(v4.sin_addr.s_addr));
  }
  if (address.sa_family != AF_INET6) return false;
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
  const uint8_t* const bytes = v6.sin6_addr.s6_addr;
  // Only 2000::/3 is global unicast. In it, 2001::/23 (Teredo and others),
  // 2001:db8::/32 and 2002::/16 (6to4) are special.
  if ((bytes[0] & 0xE0) != 0x20) return false;
  const bool is_2001 = bytes[0] == 0x20 && bytes[1] == 0x01;
  if (is_2001 && (bytes[2] & 0xFE) == 0) return false;
  if (is_2001 && bytes[2] == 0x0D && bytes[3] == 0xB8) return false;
  return !(bytes[0] == 0x20 && bytes[1] == 0x02);
}

}  // namespace portrait
