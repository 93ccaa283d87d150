// Fuzzes URLs of servers, proxies and pictures, versions, and WhatsApp's page.
#include <cstddef>
#include <cstdint>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "core/session/version_page.h"
#include "core/whatsapp/client_payload.h"
#include "core/whatsapp/proxy.h"
#include "core/whatsapp/queries.h"
#include "core/whatsapp/websocket_url.h"
#include "tests/fuzz/expect.h"

namespace portrait::fuzz {
namespace {

void RunProxy(absl::string_view text) {
  const auto proxy = whatsapp::ParseProxy(text);
  if (!proxy.ok()) return ExpectPresentable(proxy.status());
  const std::string shown = proxy->ToString();
  Expect(!absl::StrContains(shown, '@'), "no credentials are shown");
  const auto again = whatsapp::ParseProxy(shown);
  Expect(again.ok() && again->ToString() == shown, "what is shown reads again");
}

void RunWebSocketUrl(absl::string_view text) {
  const auto url = whatsapp::ParseWebSocketUrl(text);
  if (!url.ok()) return;
  Expect(!url->address.host.empty() && url->address.port != 0, "it names both");
  Expect(absl::StartsWith(url->target, "/"), "a target is a path");
  url->HostHeader();
}

void Run(absl::string_view text) {
  RunProxy(text);
  RunWebSocketUrl(text);
  whatsapp::UrlExpireTime(text);
  const auto version = whatsapp::ParseClientVersion(text);
  Expect(!version.ok() || version->ToString() == text, "a version is its text");
  const auto revision = ParseClientRevision(text);
  if (!revision.ok()) ExpectPresentable(revision.status());
}

}  // namespace
}  // namespace portrait::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  portrait::fuzz::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
