#include "core/whatsapp/jid.h"

#include <limits>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"

namespace portrait::whatsapp {
namespace {

// A device number has one byte on the wire (AD_JID), but two bytes in
// Messenger's and interoperability JIDs.
constexpr uint32_t kMaxDevice = 255;
constexpr uint32_t kMaxWideDevice = std::numeric_limits<uint16_t>::max();

bool HasWideDevices(absl::string_view server) {
  return server == kMessengerServer || server == kInteropServer;
}

// Servers whose user parts may carry an agent.
bool HasAgents(absl::string_view server) {
  return server == kUserServer || server == kLegacyUserServer ||
         server == kLidServer || server == kHostedServer ||
         server == kHostedLidServer;
}

// Decimal digits only: SimpleAtoi alone takes signs and spaces too.
std::optional<uint32_t> ParseDigits(absl::string_view text) {
  if (text.empty()) return std::nullopt;
  for (char c : text) {
    if (!absl::ascii_isdigit(c)) return std::nullopt;
  }
  uint32_t number;
  if (!absl::SimpleAtoi(text, &number)) return std::nullopt;
  return number;
}

// Returns whether there was an agent.
bool DropAgent(absl::string_view* user) {
  const size_t mark = user->find_last_of("_.");
  if (mark == absl::string_view::npos || mark == 0) return false;
  if (!ParseDigits(user->substr(mark + 1)).has_value()) return false;
  *user = user->substr(0, mark);
  return true;
}

absl::Status Malformed(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("not a JID: ", what));
}

absl::Status TakeIntegrator(absl::string_view* user, Jid* jid) {
  const size_t dash = user->find('-');
  if (dash == absl::string_view::npos) return absl::OkStatus();
  const std::optional<uint32_t> integrator = ParseDigits(user->substr(0, dash));
  if (!integrator || *integrator > std::numeric_limits<uint16_t>::max()) {
    return Malformed("the integrator is not a 16-bit number");
  }
  jid->integrator = static_cast<uint16_t>(*integrator);
  *user = user->substr(dash + 1);
  return absl::OkStatus();
}

}  // namespace

std::string Jid::ToString() const {
  std::string text;
  if (server == kInteropServer && !user.empty()) {
    absl::StrAppend(&text, integrator, "-");
  }
  absl::StrAppend(&text, user);
  if (device != 0) absl::StrAppend(&text, ":", device);
  absl::StrAppend(&text, "@", server);
  return text;
}

Jid Jid::WithoutDevice() const {
  Jid account = *this;
  account.device = 0;
  if (account.server == kLegacyUserServer) account.server = kUserServer;
  return account;
}

Jid PhoneNumberJid(absl::string_view digits) {
  return Jid{.user = std::string(digits), .server = kUserServer};
}

const Jid& ServerJid() {
  static const Jid* const server = new Jid{.user = "", .server = kUserServer};
  return *server;
}

absl::StatusOr<Jid> ParseJid(absl::string_view text) {
  const size_t at = text.find('@');
  if (at == absl::string_view::npos) return Malformed("no '@'");
  Jid jid;
  jid.server = std::string(text.substr(at + 1));
  if (jid.server.empty()) return Malformed("no server after '@'");
  if (jid.server.find('@') != std::string::npos) {
    return Malformed("more than one '@'");
  }
  absl::string_view user = text.substr(0, at);
  if (user.empty()) return jid;

  const size_t colon = user.find(':');
  if (colon != absl::string_view::npos) {
    const std::optional<uint32_t> device = ParseDigits(user.substr(colon + 1));
    const uint32_t limit =
        HasWideDevices(jid.server) ? kMaxWideDevice : kMaxDevice;
    if (!device || *device > limit) {
      return Malformed(
          absl::StrCat("the device is not a number up to ", limit));
    }
    jid.device = static_cast<uint16_t>(*device);
    user = user.substr(0, colon);
  }
  if (HasAgents(jid.server) && DropAgent(&user) && DropAgent(&user)) {
    return Malformed("more than one agent");
  }
  if (jid.server == kInteropServer) {
    RETURN_IF_ERROR(TakeIntegrator(&user, &jid));
  }
  if (user.empty()) return Malformed("no user before the device");
  jid.user = std::string(user);
  return jid;
}

}  // namespace portrait::whatsapp
