#include "server/http_flags.h"

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace portrait {
namespace {

constexpr size_t kMaxConnections = 1'000'000;
// The drop-in dialects of server/http/compat.
constexpr absl::string_view kDialects[] = {"evolution",  "gowa",  "hypersender",
                                           "profilepic", "waha",  "wawp",
                                           "wuts",       "wuzapi"};

// An origin as browsers send it: no path, no trailing slash.
bool IsOrigin(absl::string_view text) {
  if (text == "*") return true;
  if (!absl::StartsWith(text, "https://") &&
      !absl::StartsWith(text, "http://")) {
    return false;
  }
  const absl::string_view host = text.substr(text.find("//") + 2);
  return !host.empty() && host.find('/') == absl::string_view::npos;
}

}  // namespace

void AddHttpFlags(Flags& flags, http::HttpOptions* options) {
  flags.Group("HTTP");
  flags.Text("--http-listen", "ADDRESS", &options->listen,
             "Address to serve HTTP/JSON on: HOST:PORT or unix:PATH, with the "
             "certificates of --listen. If unset, HTTP is not served");
  flags.Count(
      "--http-connections", "COUNT", 1, kMaxConnections,
      &options->max_connections,
      "Maximum number of HTTP connections. Beyond it, each new connection "
      "closes the one that has been idle for the longest time");
  flags.Parsed(
      "--http-allow-origin", "ORIGIN,…", "",
      "origins such as https://example.com, or *",
      [options](const std::string& text) {
        options->allow_origins = absl::StrSplit(text, ',', absl::SkipEmpty());
        for (const std::string& origin : options->allow_origins) {
          if (!IsOrigin(origin)) return false;
        }
        return true;
      },
      "Web origins whose pages may call the HTTP port (CORS). If unset, no "
      "origin may");
  flags.Parsed(
      "--http-compat", "NAME,…", "",
      absl::StrCat("names out of ", absl::StrJoin(kDialects, ", ")),
      [options](const std::string& text) {
        options->compat = absl::StrSplit(text, ',', absl::SkipEmpty());
        return absl::c_all_of(options->compat, [](const std::string& name) {
          return absl::c_linear_search(kDialects, name);
        });
      },
      "Third-party APIs to serve under /compat/NAME, for callers that already "
      "use them: evolution, gowa, hypersender, profilepic, waha, wawp, wuts, "
      "wuzapi. If unset, none is served");
}

}  // namespace portrait
