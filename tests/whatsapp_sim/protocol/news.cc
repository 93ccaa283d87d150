#include "tests/whatsapp_sim/protocol/news.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "core/base/random.h"
#include "core/whatsapp/contact_notice.h"
#include "tests/whatsapp_sim/protocol/usync_facts.h"

namespace portrait::sim {
namespace {

using whatsapp::Jid;
using whatsapp::MakeNode;
using whatsapp::Node;

Node Notification(const Network& network, const Jid& from,
                  absl::string_view type, Node::Children children) {
  constexpr size_t kIdBytes = 8;
  return MakeNode("notification",
                  {{"from", from},
                   {"type", std::string(type)},
                   {"id", absl::BytesToHexString(RandomBytes(kIdBytes))},
                   {"t", absl::StrCat(absl::ToUnixSeconds(network.clock()))}},
                  std::move(children));
}

void Deliver(const Network& network, uint64_t subject, const Node& stanza) {
  for (const auto& companion : network.companions->FindAll()) {
    if (companion->Remembers(subject)) companion->Deliver(stanza);
  }
}

// The contact's hash in WhatsApp's text form.
std::string HashText(const Jid& jid) {
  const uint32_t hash = whatsapp::ContactHash(jid.user);
  return absl::Base64Escape(std::string{static_cast<char>(hash >> 16),
                                        static_cast<char>(hash >> 8),
                                        static_cast<char>(hash)});
}

}  // namespace

void TellOfPicture(const Network& network, uint64_t subject, const Jid& jid,
                   const Picture& before, const Picture& after) {
  if (before == after || (!before.visible() && !after.visible())) return;
  Node change =
      after.visible()
          ? MakeNode("set", {{"jid", jid}, {"id", after.id}, {"author", jid}})
          : MakeNode("delete", {{"jid", jid}, {"author", jid}});
  Deliver(network, subject,
          Notification(network, jid, "picture", {std::move(change)}));
}

void TellOfBusiness(const Network& network, const Account& before,
                    const Account& after) {
  if (before.verified_name == after.verified_name &&
      before.is_business == after.is_business) {
    return;
  }
  Node change = MakeNode("remove", {{"jid", after.pn_jid()}});
  if (after.is_business && !after.verified_name.empty()) {
    change = VerifiedName(after);
    change.SetAttribute("jid", after.pn_jid());
  }
  Deliver(
      network, network.directory.SubjectOf(after.number),
      Notification(network, after.pn_jid(), "business", {std::move(change)}));
}

void TellOfNumberChange(const Network& network, const Account& before,
                        const Account& after) {
  Deliver(network, network.directory.SubjectOf(before.number),
          Notification(network, before.pn_jid(), "contacts",
                       {MakeNode("modify", {{"old", before.pn_jid()},
                                            {"new", after.pn_jid()},
                                            {"old_lid", before.lid_jid()},
                                            {"new_lid", after.lid_jid()}})}));
}

absl::Status TellInForm(const Network& network, const Account& account,
                        absl::string_view form) {
  const Jid jid = account.pn_jid();
  const std::string hash = HashText(jid);
  Node stanza;
  if (form == "update") {
    stanza = Notification(network, jid, "contacts",
                          {MakeNode("update", {{"jid", jid}})});
  } else if (form == "update-hash") {
    stanza = Notification(network, whatsapp::ServerJid(), "contacts",
                          {MakeNode("update", {{"hash", hash}})});
  } else if (form == "picture-hash") {
    stanza = Notification(
        network, whatsapp::ServerJid(), "picture",
        {MakeNode("set", {{"hash", hash}, {"id", account.picture.id}})});
  } else if (form == "picture-removed") {
    stanza = Notification(network, jid, "picture",
                          {MakeNode("delete", {{"jid", jid}})});
  } else if (form == "picture-empty") {
    stanza = Notification(network, jid, "picture", {});
  } else if (form == "picture-request") {
    stanza = Notification(network, jid, "picture", {MakeNode("request")});
  } else if (form == "devices") {
    stanza = Notification(network, jid, "devices",
                          {MakeNode("update", {{"hash", hash}})});
    stanza.SetAttribute("lid", account.lid_jid());
  } else if (form == "account-sync") {
    stanza = Notification(network, jid, "account_sync", {MakeNode("picture")});
    for (const auto& own : network.companions->FindAllOf(account.number)) {
      own->Deliver(stanza);
    }
    return absl::OkStatus();
  } else {
    return absl::InvalidArgumentError(absl::StrCat(
        "form '", form,
        "' is unknown; expected update, update-hash, picture-hash, "
        "picture-removed, picture-empty, picture-request, devices or "
        "account-sync"));
  }
  Deliver(network, network.directory.SubjectOf(account.number), stanza);
  return absl::OkStatus();
}

}  // namespace portrait::sim
