#include "core/whatsapp/host_port.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/status_macros.h"

namespace portrait::whatsapp {
namespace {

// The longest DNS name.
constexpr size_t kMaxHostBytes = 253;

absl::Status Wrong(absl::string_view what) {
  return absl::InvalidArgumentError(what);
}

// Parses a decimal port.
absl::StatusOr<uint16_t> ParsePort(absl::string_view text) {
  uint32_t port = 0;
  if (!std::all_of(text.begin(), text.end(), absl::ascii_isdigit) ||
      !absl::SimpleAtoi(text, &port) || port == 0 || port > 65535) {
    return Wrong("the port is not a number from 1 to 65535");
  }
  return static_cast<uint16_t>(port);
}

}  // namespace

std::string HostPort::ToString() const {
  return absl::StrCat(
      absl::StrContains(host, ':') ? absl::StrCat("[", host, "]") : host, ":",
      port);
}

absl::StatusOr<HostPort> ParseHostPort(absl::string_view text,
                                       uint16_t default_port) {
  HostPort parsed;
  absl::string_view rest;
  if (absl::ConsumePrefix(&text, "[")) {
    const size_t end = text.find(']');
    if (end == absl::string_view::npos) return Wrong("missing ]");
    parsed.host = std::string(text.substr(0, end));
    rest = text.substr(end + 1);
  } else {
    const size_t end = std::min(text.find(':'), text.size());
    parsed.host = std::string(text.substr(0, end));
    rest = text.substr(end);
  }
  if (parsed.host.empty()) return Wrong("the host is missing");
  if (parsed.host.find_first_of("[]") != std::string::npos) {
    return Wrong("brackets are allowed only around the whole host");
  }
  if (parsed.host.size() > kMaxHostBytes) {
    return Wrong(
        absl::StrCat("the host is longer than ", kMaxHostBytes, " bytes"));
  }
  parsed.port = default_port;
  if (rest.empty() && default_port == 0) return Wrong("the port is missing");
  if (rest.empty()) return parsed;
  if (!absl::ConsumePrefix(&rest, ":")) return Wrong("text after ]");
  ASSIGN_OR_RETURN(parsed.port, ParsePort(rest));
  return parsed;
}

}  // namespace portrait::whatsapp
