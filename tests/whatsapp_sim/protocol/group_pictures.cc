#include "tests/whatsapp_sim/protocol/group_pictures.h"

#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "tests/whatsapp_sim/directory/contact_rules.h"
#include "tests/whatsapp_sim/directory/pictures.h"
#include "tests/whatsapp_sim/protocol/rules.h"

namespace portrait::sim {
namespace {

using whatsapp::Jid;
using whatsapp::MakeNode;
using whatsapp::Node;

constexpr size_t kMaxGroupsPerQuery = 1000;

Reaction Answered(const Node& iq, Node::Children pictures) {
  return Answer(ResultOf(
      iq, Node::Children{MakeNode("pictures", {}, std::move(pictures))}));
}

// Answers <pictures><picture parent_group_jid query type [id]/></pictures>,
// which is addressed to the community itself.
Reaction ReactToCommunity(const Asker& asker, const Node& iq, const Jid& group,
                          const Node& picture) {
  if (picture.AttributeOr("query") != "url" ||
      picture.JidAttribute("parent_group_jid") != group) {
    return Punish(iq, Broken(Rule::kCommunity, "not a query for its own URL"));
  }
  const Directory& directory = asker.network.directory;
  const Picture shown = directory.FindGroupPicture(group);
  if (!shown.community || shown.hidden) return Answer(ErrorOf(iq, 401));
  asker.companion.Remember(directory.SubjectOf(group));
  if (shown.id.empty()) return Answer(ErrorOf(iq, 404));
  if (picture.Attribute("id") == shown.id) return Answered(iq, {});
  return Answered(
      iq, {PictureNode(asker.network.urls, directory.SubjectOf(group), shown.id,
                       picture.AttributeOr("type"))});
}

}  // namespace

Reaction ReactToGroups(const Asker& asker, const Node& iq) {
  // The groups that the account is in: none.
  if (iq.FindChild("participating") != nullptr) {
    return Answer(ResultOf(iq, Node::Children{MakeNode("groups")}));
  }
  const Node* pictures = iq.FindChild("pictures");
  if (pictures == nullptr || iq.AttributeOr("type") != "get") {
    return Answer(ErrorOf(iq, 403));
  }
  const Jid to = iq.JidAttribute("to").value_or(Jid());
  if (to.IsGroup() && !to.user.empty() && pictures->children().size() == 1) {
    return ReactToCommunity(asker, iq, to, pictures->children().front());
  }
  if (pictures->children().empty() ||
      pictures->children().size() > kMaxGroupsPerQuery ||
      to != Jid{"", whatsapp::kGroupServer}) {
    return Punish(iq, Broken(Rule::kGroupPictures,
                             "not 1 to 1000 groups, to the groups' server"));
  }
  ++asker.network.stats.group_queries;
  if (auto failed = FailedQuery(asker, iq)) return *std::move(failed);
  const Directory& directory = asker.network.directory;
  absl::flat_hash_set<Jid> seen;
  Node::Children answers;
  for (const Node& picture : pictures->children()) {
    const absl::StatusOr<Jid> jid = ContactJid(asker, picture, "jid");
    if (!jid.ok() || !jid->IsGroup() || picture.Attribute("query")) {
      return Punish(iq, Broken(Rule::kGroupPictures,
                               "not a jid of a group, or with a query"));
    }
    if (!seen.insert(*jid).second) {
      return Punish(iq, Broken(Rule::kGroupPictures, "a group twice"));
    }
    const uint64_t subject = directory.SubjectOf(*jid);
    const Picture shown = directory.FindGroupPicture(*jid);
    asker.companion.Remember(subject);
    if (shown.hidden || shown.community) continue;
    Node answer = MakeNode("picture", {{"jid", *jid}});
    if (shown.visible()) {
      answer = PictureNode(asker.network.urls, subject, shown.id,
                           picture.AttributeOr("type", "preview"));
      answer.SetAttribute("jid", *jid);
    }
    answers.push_back(std::move(answer));
  }
  return Answered(iq, std::move(answers));
}

}  // namespace portrait::sim
