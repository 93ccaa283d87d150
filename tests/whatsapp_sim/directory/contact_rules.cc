#include "tests/whatsapp_sim/directory/contact_rules.h"

#include <algorithm>
#include <optional>
#include <string>
#include <variant>

#include "absl/strings/str_cat.h"
#include "tests/whatsapp_sim/protocol/rules.h"

namespace portrait::sim {
namespace {

using whatsapp::Jid;
using whatsapp::Node;

// Phone numbers with so many digits hardly exist, but LIDs have them.
constexpr size_t kLidDigits = 14;

// Whether `jid` has the digits of a LID that this client knows, but the server
// part of phone numbers.
bool IsMisplacedLid(const Asker& asker, const Jid& jid) {
  if (!jid.IsPhoneNumber() || jid.user.size() < kLidDigits) return false;
  const std::optional<uint64_t> digits = Directory::ParseNumber(jid.user);
  if (!digits.has_value()) return false;
  const Directory& directory = asker.network.directory;
  const std::optional<Account> owner = directory.FindByLid(*digits);
  return owner.has_value() && owner->registered &&
         (owner->number == asker.account.number ||
          asker.companion.Remembers(directory.SubjectOf(owner->number)));
}

}  // namespace

absl::StatusOr<Jid> ContactJid(const Asker& asker, const Node& node,
                               absl::string_view attribute) {
  const auto found =
      std::find_if(node.attributes.begin(), node.attributes.end(),
                   [&](const auto& named) { return named.first == attribute; });
  const Jid* jid = found == node.attributes.end()
                       ? nullptr
                       : std::get_if<Jid>(&found->second);
  if (jid == nullptr || jid->user.empty()) {
    return Broken(Rule::kContactJid,
                  absl::StrCat(attribute, " is not written as a JID"));
  }
  if (jid->user == "0") {
    return Broken(Rule::kAnnouncements, absl::StrCat(attribute, " is user 0"));
  }
  if (jid->device != 0) {
    return Broken(Rule::kContactJid,
                  absl::StrCat(attribute, " has a device part"));
  }
  if (IsMisplacedLid(asker, *jid)) {
    return Broken(
        Rule::kLidServer,
        absl::StrCat(attribute, " is a LID addressed as a phone number"));
  }
  return *jid;
}

}  // namespace portrait::sim
