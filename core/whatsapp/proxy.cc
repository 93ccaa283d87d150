#include "core/whatsapp/proxy.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"

namespace portrait::whatsapp {
namespace {

// The longest user name and password that SOCKS5 can send.
constexpr size_t kMaxCredentialBytes = 255;

constexpr absl::string_view kHttpScheme = "http://";
constexpr absl::string_view kSocks5Scheme = "socks5://";

absl::Status Wrong(absl::string_view what) {
  return absl::InvalidArgumentError(what);
}

// Decodes %XX.
absl::StatusOr<std::string> ParseCredential(absl::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    if (i + 2 >= text.size() || !absl::ascii_isxdigit(text[i + 1]) ||
        !absl::ascii_isxdigit(text[i + 2])) {
      return Wrong("a % in the user name or password must be written %25");
    }
    plain += absl::HexStringToBytes(text.substr(i + 1, 2));
    i += 2;
  }
  if (plain.size() > kMaxCredentialBytes) {
    return Wrong(absl::StrCat("its user name or password is longer than ",
                              kMaxCredentialBytes, " bytes"));
  }
  return plain;
}

absl::Status ParseUserInfo(absl::string_view text, Proxy& proxy) {
  const size_t colon = std::min(text.find(':'), text.size());
  ASSIGN_OR_RETURN(proxy.user, ParseCredential(text.substr(0, colon)));
  text.remove_prefix(std::min(colon + 1, text.size()));
  ASSIGN_OR_RETURN(proxy.password, ParseCredential(text));
  if (proxy.user.empty()) return Wrong("there is no user name before the @");
  if (proxy.kind == Proxy::Kind::kHttpConnect &&
      absl::StrContains(proxy.user, ':')) {
    return Wrong("HTTP does not allow a colon in the user name");
  }
  return absl::OkStatus();
}

}  // namespace

std::string Proxy::ToString() const {
  if (kind == Kind::kNone) return "";
  return absl::StrCat(kind == Kind::kSocks5 ? kSocks5Scheme : kHttpScheme,
                      address.ToString());
}

absl::StatusOr<Proxy> ParseProxy(absl::string_view url) {
  Proxy proxy;
  if (url.empty() || url == "direct") return proxy;
  if (!std::all_of(url.begin(), url.end(), absl::ascii_isgraph)) {
    return Wrong("it has spaces, control or non-ASCII characters");
  }
  absl::string_view rest = url;
  if (absl::StartsWithIgnoreCase(url, kHttpScheme)) {
    proxy.kind = Proxy::Kind::kHttpConnect;
    rest.remove_prefix(kHttpScheme.size());
  } else if (absl::StartsWithIgnoreCase(url, kSocks5Scheme)) {
    proxy.kind = Proxy::Kind::kSocks5;
    rest.remove_prefix(kSocks5Scheme.size());
  } else {
    return Wrong(
        "expected http://[USER:PASSWORD@]HOST:PORT, socks5://… or direct");
  }
  if (const size_t at = rest.rfind('@'); at != absl::string_view::npos) {
    RETURN_IF_ERROR(ParseUserInfo(rest.substr(0, at), proxy));
    rest.remove_prefix(at + 1);
  }
  if (absl::EndsWith(rest, "/")) rest.remove_suffix(1);
  ASSIGN_OR_RETURN(proxy.address, ParseHostPort(rest, /*default_port=*/0));
  if (proxy.address.host.find_first_of("/?#%\"\\<>") != std::string::npos) {
    return Wrong("expected nothing after the port");
  }
  return proxy;
}

}  // namespace portrait::whatsapp
