// The methods of Control that affect sessions.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "core/base/proto_time.h"
#include "core/base/random.h"
#include "core/base/status_macros.h"
#include "tests/whatsapp_sim/control/control.h"
#include "tests/whatsapp_sim/protocol/stanzas.h"

namespace portrait::sim {
namespace {

using whatsapp::Jid;
using whatsapp::MakeNode;
using whatsapp::Node;

constexpr size_t kIdBytes = 8;
constexpr uint32_t kMostStanzas = 10'000;
// With fewer prekeys, the server notifies the client. WhatsApp's own limit is
// unknown; clients use five.
constexpr size_t kLowPrekeys = 5;

Node MakeStanza(absl::string_view tag, const Jid& from, absl::string_view type,
                absl::Time now) {
  Node stanza =
      MakeNode(tag, {{"from", from},
                     {"id", absl::BytesToHexString(RandomBytes(kIdBytes))},
                     {"t", absl::StrCat(absl::ToUnixSeconds(now))}});
  if (!type.empty()) stanza.SetAttribute("type", std::string(type));
  return stanza;
}

absl::Status SetJid(absl::string_view name, const std::string& text,
                    Node& stanza) {
  if (text.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(Jid jid, whatsapp::ParseJid(text));
  stanza.SetAttribute(name, std::move(jid));
  return absl::OkStatus();
}

}  // namespace

absl::Status Control::RefuseLogins(const v1::RefuseLoginsRequest& request) {
  ASSIGN_OR_RETURN(const uint64_t number, ParsePhone(request.phone_number()));
  if (request.reason() < 400 || request.reason() > 599) {
    return absl::InvalidArgumentError("reason is not 400 to 599");
  }
  Node failure = Failure(static_cast<int>(request.reason()));
  if (request.code() != 0) {
    failure.SetAttribute("code", absl::StrCat(request.code()));
  }
  if (request.has_expire()) {
    failure.SetAttribute(
        "expire",
        absl::StrCat(absl::ToInt64Seconds(FromProto(request.expire()))));
  }
  network_.login_refusals.Set(number, request.count(), std::move(failure));
  return absl::OkStatus();
}

absl::Status Control::DeliverStanzas(const v1::DeliverStanzasRequest& request) {
  ASSIGN_OR_RETURN(const uint64_t number, ParsePhone(request.phone_number()));
  constexpr absl::string_view kTags[] = {"message", "receipt", "notification",
                                         "call"};
  if (std::find(std::begin(kTags), std::end(kTags), request.tag()) ==
      std::end(kTags)) {
    return absl::InvalidArgumentError(
        "tag is not message, receipt, notification or call");
  }
  if (request.count() > kMostStanzas) {
    return absl::InvalidArgumentError(
        absl::StrCat("count is over ", kMostStanzas));
  }
  for (const auto& companion : network_.companions->FindAllOf(number)) {
    for (uint32_t i = 0; i < request.count(); ++i) {
      Node stanza = MakeStanza(request.tag(), whatsapp::ServerJid(),
                               request.type(), network_.clock());
      RETURN_IF_ERROR(SetJid("from", request.from(), stanza));
      RETURN_IF_ERROR(SetJid("participant", request.participant(), stanza));
      RETURN_IF_ERROR(SetJid("recipient", request.recipient(), stanza));
      companion->Deliver(std::move(stanza));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<uint32_t> Control::TakePrekeys(absl::string_view phone_number,
                                              uint32_t count) {
  ASSIGN_OR_RETURN(const uint64_t number, ParsePhone(phone_number));
  std::optional<size_t> fewest;
  for (const auto& companion : network_.companions->FindAllOf(number)) {
    const size_t left = companion->TakePrekeys(count);
    fewest = std::min(fewest.value_or(left), left);
    RETURN_IF_ERROR(network_.companions->Save(*companion));
    if (count == 0 || left >= kLowPrekeys) continue;
    Node notification = MakeStanza("notification", whatsapp::ServerJid(),
                                   "encrypt", network_.clock());
    notification.AddChild(MakeNode("count", {{"value", absl::StrCat(left)}}));
    companion->Deliver(std::move(notification));
  }
  return static_cast<uint32_t>(fewest.value_or(0));
}

}  // namespace portrait::sim
