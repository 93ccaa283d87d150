#include "tests/whatsapp_sim/protocol/grammar.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "core/base/status_macros.h"
#include "tests/whatsapp_sim/protocol/rules.h"

namespace portrait::sim {
namespace {

using whatsapp::Node;

// An element by its path from the iq, whose xmlns is the first part. Attributes
// with a '!' are required.
struct Element {
  absl::string_view path;
  absl::string_view attributes;
};

// Elements that the known clients use.
constexpr Element kElements[] = {
    {"w:p", ""},
    {"w:p/ping", ""},
    {"passive", ""},
    {"passive/active", ""},
    {"passive/passive", ""},
    {"abt", ""},
    {"abt/props", "protocol! hash refresh_id"},
    {"blocklist", ""},
    {"blocklist/item", "jid! action dhash"},
    {"privacy", ""},
    {"privacy/privacy", ""},
    {"privacy/privacy/category", "name! value! dhash"},
    {"privacy/tokens", ""},
    {"privacy/tokens/token", "jid! t! type!"},
    {"encrypt", ""},
    {"encrypt/count", ""},
    {"encrypt/digest", ""},
    {"encrypt/key", ""},
    {"encrypt/key/user", "jid! reason"},
    {"encrypt/registration", ""},
    {"encrypt/type", ""},
    {"encrypt/identity", ""},
    {"encrypt/list", ""},
    {"encrypt/list/key", ""},
    {"encrypt/list/key/id", ""},
    {"encrypt/list/key/value", ""},
    {"encrypt/skey", ""},
    {"encrypt/skey/id", ""},
    {"encrypt/skey/value", ""},
    {"encrypt/skey/signature", ""},
    {"encrypt/rotate", ""},
    {"encrypt/rotate/skey", ""},
    {"encrypt/rotate/skey/id", ""},
    {"encrypt/rotate/skey/value", ""},
    {"encrypt/rotate/skey/signature", ""},
    {"urn:xmpp:whatsapp:dirty", ""},
    {"urn:xmpp:whatsapp:dirty/clean", "type! timestamp"},
    {"w:sync:app:state", ""},
    {"w:sync:app:state/sync", ""},
    {"w:sync:app:state/sync/collection", "name! version return_snapshot order"},
    {"md", ""},
    {"md/remove-companion-device", "jid! reason!"},
    {"md/link_code_companion_reg", "jid! stage! should_show_push_notification"},
    {"md/link_code_companion_reg/"
     "link_code_pairing_wrapped_companion_ephemeral_pub",
     ""},
    {"md/link_code_companion_reg/companion_server_auth_key_pub", ""},
    {"md/link_code_companion_reg/companion_platform_id", ""},
    {"md/link_code_companion_reg/companion_platform_display", ""},
    {"md/link_code_companion_reg/link_code_pairing_nonce", ""},
    {"md/link_code_companion_reg/link_code_pairing_wrapped_key_bundle", ""},
    {"md/link_code_companion_reg/companion_identity_public", ""},
    {"md/link_code_companion_reg/link_code_pairing_ref", ""},
    {"usync", ""},
    {"usync/usync", "sid! mode! last! index! context!"},
    {"usync/usync/query", ""},
    {"usync/usync/query/contact", "addressing_mode"},
    {"usync/usync/query/lid", ""},
    {"usync/usync/query/business", ""},
    {"usync/usync/query/business/verified_name", ""},
    {"usync/usync/query/picture", ""},
    {"usync/usync/query/status", ""},
    {"usync/usync/query/text_status", ""},
    {"usync/usync/query/devices", "version!"},
    {"usync/usync/query/disappearing_mode", ""},
    {"usync/usync/query/username", ""},
    {"usync/usync/query/feature", ""},
    {"usync/usync/query/feature/document", ""},
    {"usync/usync/query/feature/encrypt", ""},
    {"usync/usync/query/feature/encrypt_blist", ""},
    {"usync/usync/query/feature/encrypt_contact", ""},
    {"usync/usync/query/feature/encrypt_group_gen2", ""},
    {"usync/usync/query/feature/encrypt_image", ""},
    {"usync/usync/query/feature/encrypt_location", ""},
    {"usync/usync/query/feature/encrypt_url", ""},
    {"usync/usync/query/feature/encrypt_v2", ""},
    {"usync/usync/query/feature/multi_agent", ""},
    {"usync/usync/query/feature/voip", ""},
    {"usync/usync/query/bot", ""},
    {"usync/usync/query/bot/profile", "v!"},
    {"usync/usync/list", ""},
    {"usync/usync/list/user", "jid pn_jid"},
    {"usync/usync/list/user/contact", "username pin lid type"},
    {"usync/usync/list/user/lid", "jid"},
    {"usync/usync/list/user/tctoken", ""},
    {"usync/usync/list/user/devices", "device_hash ts expected_ts"},
    {"usync/usync/list/user/bot", ""},
    {"usync/usync/list/user/bot/profile", "persona_id"},
    {"usync/usync/side_list", ""},
    {"w:profile:picture", "target"},
    {"w:profile:picture/picture",
     "type! query id invite common_gid persona_id"},
    {"w:profile:picture/picture/tctoken", "t"},
    {"w:profile:picture/picture/add_request", ""},
    // At this place the server ignores the element; another rule checks it.
    {"w:profile:picture/tctoken", ""},
    {"w:mex", ""},
    {"w:mex/query", "query_id!"},
    {"w:biz", ""},
    {"w:biz/business_profile", "v"},
    {"w:biz/business_profile/profile", "jid! tag"},
};

// The attributes of every request.
constexpr absl::string_view kIqAttributes = "id! to! type! xmlns! smax_id";

using Index = absl::flat_hash_map<std::string, absl::string_view>;

const Index& Elements() {
  static const Index& index = *[] {
    auto* made = new Index;
    for (const Element& element : kElements) {
      made->emplace(element.path, element.attributes);
    }
    return made;
  }();
  return index;
}

std::vector<absl::string_view> Words(absl::string_view text) {
  return absl::StrSplit(text, ' ', absl::SkipEmpty());
}

absl::Status CheckAttributes(const Node& node, absl::string_view path,
                             std::vector<absl::string_view> known,
                             absl::Status* ignored) {
  for (absl::string_view& name : known) {
    if (!absl::ConsumeSuffix(&name, "!")) continue;
    if (!node.Attribute(name).has_value()) {
      return Broken(Rule::kMissingAttribute, absl::StrCat(path, " ", name));
    }
  }
  for (const auto& [name, value] : node.attributes) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      ignored->Update(
          Broken(Rule::kUnknownAttribute, absl::StrCat(path, " ", name)));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckElement(const Node& node, const std::string& path,
                          absl::Status* ignored) {
  const auto element = Elements().find(path);
  if (element == Elements().end()) {
    return Broken(Rule::kUnknownElement, path);
  }
  RETURN_IF_ERROR(CheckAttributes(node, path, Words(element->second), ignored));
  for (const Node& child : node.children()) {
    RETURN_IF_ERROR(
        CheckElement(child, absl::StrCat(path, "/", child.tag), ignored));
  }
  return absl::OkStatus();
}

absl::Status Check(const Node& iq, absl::Status* ignored) {
  const std::string xmlns = iq.AttributeOr("xmlns");
  const auto element = Elements().find(xmlns);
  if (element == Elements().end()) return absl::OkStatus();
  std::vector<absl::string_view> known = Words(kIqAttributes);
  for (absl::string_view name : Words(element->second)) known.push_back(name);
  RETURN_IF_ERROR(CheckAttributes(iq, xmlns, std::move(known), ignored));
  for (const Node& child : iq.children()) {
    RETURN_IF_ERROR(
        CheckElement(child, absl::StrCat(xmlns, "/", child.tag), ignored));
  }
  return absl::OkStatus();
}

}  // namespace

GrammarFindings CheckGrammar(const Node& iq) {
  GrammarFindings found;
  found.refused = Check(iq, &found.ignored);
  return found;
}

}  // namespace portrait::sim
