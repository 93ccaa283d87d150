#include "tests/whatsapp_sim/directory/pictures.h"

#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/whatsapp/crypto.h"
#include "tests/whatsapp_sim/directory/contact_rules.h"
#include "tests/whatsapp_sim/directory/token_office.h"
#include "tests/whatsapp_sim/protocol/news.h"
#include "tests/whatsapp_sim/protocol/rules.h"

namespace portrait::sim {
namespace {

using whatsapp::Jid;
using whatsapp::MakeNode;
using whatsapp::Node;

// The target of a picture query.
struct Target {
  uint64_t subject = 0;
  Picture picture;
  bool registered = true;
};

// Errors: those of Broken().
absl::StatusOr<Target> FindTarget(const Asker& asker, const Node& iq,
                                  const Node& picture) {
  ASSIGN_OR_RETURN(const Jid jid, ContactJid(asker, iq, "target"));
  const Directory& directory = asker.network.directory;
  const bool is_person = jid.IsPhoneNumber() || jid.IsLid();
  if (!is_person && picture.FindChild("tctoken") != nullptr) {
    return Broken(Rule::kTokenTarget, "a tctoken for a group or bot");
  }
  if (jid.IsGroup()) {
    Picture shown = directory.FindGroupPicture(jid);
    shown.hidden |= shown.community;
    return Target{directory.SubjectOf(jid), std::move(shown)};
  }
  const std::optional<Account> account = directory.FindByJid(jid);
  if (!account.has_value() || !account->registered) {
    return Target{
        account.has_value() ? directory.SubjectOf(account->number) : 0,
        Picture(), /*registered=*/false};
  }
  ASSIGN_OR_RETURN(const bool has_token, HasToken(asker, *account, picture));
  Picture shown = account->picture;
  shown.hidden |= shown.needs_token && !has_token;
  return Target{directory.SubjectOf(account->number), std::move(shown)};
}

bool IsOwn(const Asker& asker, const Node& iq) {
  const std::optional<Jid> jid = iq.JidAttribute("target");
  return jid == asker.account.pn_jid() || jid == asker.account.lid_jid();
}

// Errors: those of Broken().
absl::Status CheckToken(const Asker& asker, const Node& iq,
                        const Node& picture) {
  if (iq.FindChild("tctoken") != nullptr) {
    return Broken(Rule::kTokenPlace, "the tctoken is beside <picture>");
  }
  if (picture.FindChild("tctoken") != nullptr && IsOwn(asker, iq)) {
    return Broken(Rule::kOwnToken, "a tctoken on the own picture");
  }
  return absl::OkStatus();
}

// Errors: those of Broken().
absl::StatusOr<Target> ParseGet(const Asker& asker, const Node& iq) {
  const Node* picture = iq.FindChild("picture");
  if (picture == nullptr || picture->AttributeOr("query") != "url") {
    return Broken(Rule::kPicture, "no <picture query=\"url\">");
  }
  const std::string type = picture->AttributeOr("type");
  if (type != "image" && type != "preview") {
    return Broken(Rule::kPicture, "type is neither image nor preview");
  }
  RETURN_IF_ERROR(CheckToken(asker, iq, *picture));
  return FindTarget(asker, iq, *picture);
}

Reaction Answered(const Node& iq, Node picture) {
  return Answer(ResultOf(iq, Node::Children{std::move(picture)}));
}

Node WithStatus(const std::string& status) {
  return MakeNode("picture", {{"status", status}});
}

Node Nested(int code, absl::Duration backoff = {}) {
  return MakeNode("picture", {}, Node::Children{ErrorNode(code, backoff)});
}

Reaction ReactToGet(const Asker& asker, const Node& iq) {
  const absl::StatusOr<Target> target = ParseGet(asker, iq);
  if (!target.ok()) return Punish(iq, target.status());

  if (!target->registered) {
    ++asker.network.stats.unregistered_picture_queries;
    return Answer(ErrorOf(iq, 404));
  }
  asker.companion.Remember(target->subject);
  if (auto failed = FailedQuery(asker, iq)) return *std::move(failed);
  const bool odd = asker.network.habits.odd_picture_answers;
  if (target->picture.hidden) {
    return odd ? Answered(iq, Nested(401)) : Answer(ErrorOf(iq, 401));
  }
  if (target->picture.id.empty()) {
    return odd ? Answered(iq, WithStatus("204")) : Answer(ErrorOf(iq, 404));
  }
  const Node& picture = *iq.FindChild("picture");
  if (picture.Attribute("id") == target->picture.id) {
    // WhatsApp has several forms of answers for an unchanged picture.
    if (odd) {
      return Answered(iq, MakeNode("picture", {{"id", target->picture.id}}));
    }
    if (target->subject % 2 == 0) return Answer(ResultOf(iq));
    return Answered(iq, WithStatus("304"));
  }
  return Answered(
      iq, PictureNode(asker.network.urls, target->subject, target->picture.id,
                      picture.AttributeOr("type")));
}

Reaction ReactToSet(const Asker& asker, const Node& iq) {
  if (iq.Attribute("target").has_value() && !IsOwn(asker, iq)) {
    return Answer(ErrorOf(iq, 403));
  }
  const Node* picture = iq.FindChild("picture");
  const std::string image = picture == nullptr ? "" : picture->Data();
  if (!image.empty() && !absl::StartsWith(image, "\xff\xd8")) {
    return Answer(ErrorOf(iq, 406));
  }
  Account account = asker.network.directory.FindAccount(asker.account.number);
  account.picture = Picture();
  Node::Children answer;
  if (!image.empty()) {
    account.picture.id =
        absl::StrCat(absl::ToUnixSeconds(asker.network.clock()));
    answer.push_back(MakeNode("picture", {{"id", account.picture.id}}));
  }
  if (!ChangeAccount(asker.network, account, /*notify=*/true).ok()) {
    return Answer(ErrorOf(iq, 500));
  }
  return Answer(ResultOf(iq, std::move(answer)));
}

}  // namespace

Node PictureNode(const PictureUrls& urls, uint64_t subject,
                 const std::string& picture_id, absl::string_view type) {
  const PictureFile file{subject, picture_id,
                         type == "image" ? kImagePixels : kPreviewPixels};
  const PictureUrls::Signed address = urls.Sign(file);
  // How WhatsApp computes the hash is unknown; only its size is realistic.
  const std::string hash = absl::Base64Escape(
      whatsapp::Sha256(absl::StrCat(subject, " ", picture_id, " ", type)));
  return MakeNode("picture", {{"id", picture_id},
                              {"type", std::string(type)},
                              {"url", address.url},
                              {"direct_path", address.direct_path},
                              {"hash", hash}});
}

std::optional<Reaction> FailedQuery(const Asker& asker, const Node& iq) {
  const PictureFault fault = asker.network.faults.Get().picture_fault;
  if (fault.code == 0) return std::nullopt;
  return fault.inside ? Answered(iq, Nested(fault.code, fault.backoff))
                      : Answer(ErrorOf(iq, fault.code, fault.backoff));
}

Reaction ReactToPicture(const Asker& asker, const Node& iq) {
  return iq.AttributeOr("type") == "set" ? ReactToSet(asker, iq)
                                         : ReactToGet(asker, iq);
}

absl::Status ChangeNumber(Network& network, const Account& before,
                          uint64_t number, bool notify) {
  Account after = before;
  after.number = number;
  Account left;
  left.number = before.number;
  RETURN_IF_ERROR(network.directory.Override(std::move(left)));
  RETURN_IF_ERROR(network.directory.Override(after));
  if (notify) TellOfNumberChange(network, before, after);
  return absl::OkStatus();
}

absl::Status ChangeAccount(Network& network, Account account, bool notify) {
  const Account before = network.directory.FindAccount(account.number);
  const uint64_t number = account.number;
  RETURN_IF_ERROR(network.directory.Override(std::move(account)));
  if (notify) {
    const Account after = network.directory.FindAccount(number);
    TellOfPicture(network, network.directory.SubjectOf(number), after.pn_jid(),
                  before.picture, after.picture);
    TellOfBusiness(network, before, after);
  }
  return absl::OkStatus();
}

void ChangeGroupPicture(Network& network, const Jid& group, Picture picture,
                        bool notify) {
  const Picture before = network.directory.FindGroupPicture(group);
  network.directory.OverrideGroup(group, picture);
  if (notify) {
    TellOfPicture(network, network.directory.SubjectOf(group), group, before,
                  picture);
  }
}

}  // namespace portrait::sim
