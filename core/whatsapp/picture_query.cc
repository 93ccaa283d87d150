#include "core/whatsapp/picture_query.h"

#include <cstdint>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/whatsapp/iq_error.h"

namespace portrait::whatsapp {
namespace {

using Outcome = PictureAnswer::Outcome;

// The most hexadecimal digits of an `oe` that is a time: up to the year 36812.
constexpr size_t kMaxExpiryDigits = 10;

PictureAnswer AnswerOf(Outcome outcome) {
  PictureAnswer answer;
  answer.outcome = outcome;
  return answer;
}

absl::Status Unreadable(absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("picture query: ", why));
}

// Codes 404 and 401, in an iq or a child, report a state of the picture; so
// does 403 for a group that the account is not in.
absl::StatusOr<PictureAnswer> AnswerToError(const ProtocolError& error,
                                            const Jid& target) {
  if (error.code == 404) return AnswerOf(Outcome::kNotSet);
  if (error.code == 401) return AnswerOf(Outcome::kHidden);
  if (error.code == 403 && target.IsGroup()) return AnswerOf(Outcome::kHidden);
  return StatusOf(error);
}

// An answer without a URL means that the picture is still the one in the query.
absl::StatusOr<PictureAnswer> Unchanged(const PictureQuery& query) {
  if (!query.existing_id.empty()) return AnswerOf(Outcome::kUnchanged);
  return Unreadable("\"unchanged\", but no id was sent");
}

absl::StatusOr<PictureAnswer> AnswerToStatus(const std::string& status,
                                             const PictureQuery& query) {
  if (status == "304") return Unchanged(query);
  if (status == "204") return AnswerOf(Outcome::kNotSet);
  ProtocolError error;
  if (!absl::SimpleAtoi(status, &error.code)) {
    return Unreadable("a status that is not a number");
  }
  return AnswerToError(error, query.target);
}

absl::StatusOr<PictureAnswer> AnswerWithoutUrl(const Node& picture,
                                               const PictureQuery& query) {
  const std::string status = picture.AttributeOr("status");
  if (!status.empty()) return AnswerToStatus(status, query);
  if (!picture.Data().empty()) return Unreadable("the bytes of a picture");
  const std::string id = picture.AttributeOr("id");
  if (!id.empty() && !query.existing_id.empty() && id != query.existing_id) {
    return Unreadable("a new picture id without a URL");
  }
  return Unchanged(query);
}

// Decodes base64; text that is not base64 is ignored.
std::string DecodeHash(const std::string& text) {
  std::string hash;
  return absl::Base64Unescape(text, &hash) ? hash : "";
}

absl::StatusOr<PictureAnswer> AnswerWithUrl(const Node& picture) {
  PictureAnswer answer;
  answer.id = picture.AttributeOr("id");
  answer.url = picture.AttributeOr("url");
  if (answer.id.empty()) return Unreadable("a picture without id");
  if (!absl::StartsWith(answer.url, "http")) {
    return Unreadable("an invalid URL");
  }
  answer.direct_path = picture.AttributeOr("direct_path");
  answer.type = picture.AttributeOr("type");
  answer.hash = DecodeHash(picture.AttributeOr("hash"));
  return answer;
}

std::string TypeName(PictureType type) {
  return type == PictureType::kPreview ? "preview" : "image";
}

// Returns <picture>, or the one inside <pictures> in a community's answer.
const Node* FindPicture(const Node& iq) {
  if (const Node* picture = iq.FindChild("picture")) return picture;
  const Node* const pictures = iq.FindChild("pictures");
  return pictures == nullptr ? nullptr : pictures->FindChild("picture");
}

}  // namespace

Node MakePictureQuery(const PictureQuery& query) {
  Node picture =
      MakeNode("picture", {{"type", TypeName(query.type)}, {"query", "url"}});
  if (!query.existing_id.empty()) {
    picture.SetAttribute("id", query.existing_id);
  }
  const Jid target = query.target.WithoutDevice();
  if (query.as_community) {
    picture.SetAttribute("parent_group_jid", target);
    return MakeNode("iq", {{"xmlns", "w:g2"}, {"type", "get"}, {"to", target}},
                    Node::Children{MakeNode(
                        "pictures", {}, Node::Children{std::move(picture)})});
  }
  if (!query.privacy_token.empty()) {
    Node token = MakeNode("tctoken", {}, Node::Bytes{query.privacy_token});
    if (query.privacy_token_time.has_value()) {
      token.SetAttribute(
          "t", absl::StrCat(absl::ToUnixSeconds(*query.privacy_token_time)));
    }
    picture.AddChild(std::move(token));
  }
  return MakeNode("iq",
                  {{"xmlns", "w:profile:picture"},
                   {"type", "get"},
                   {"to", ServerJid()},
                   {"target", target}},
                  Node::Children{std::move(picture)});
}

absl::StatusOr<PictureAnswer> ParsePictureAnswer(const Node& iq,
                                                 const PictureQuery& query) {
  if (absl::Status status = IqError(iq); !status.ok()) {
    const Node* const error = iq.FindChild("error");
    if (error == nullptr) return status;
    return AnswerToError(ParseProtocolError(*error), query.target);
  }
  const Node* const picture = FindPicture(iq);
  if (picture == nullptr) {
    // WhatsApp reports "not set" with 404. A result without a picture proves
    // nothing, unless the query had an id.
    if (!query.existing_id.empty()) return AnswerOf(Outcome::kUnchanged);
    return Unreadable(iq.FindChild("avatar") == nullptr
                          ? "a result without a picture"
                          : "an avatar instead of a picture");
  }
  if (const Node* error = picture->FindChild("error")) {
    return AnswerToError(ParseProtocolError(*error), query.target);
  }
  if (picture->AttributeOr("url").empty()) {
    return AnswerWithoutUrl(*picture, query);
  }
  return AnswerWithUrl(*picture);
}

std::optional<absl::Time> UrlExpireTime(absl::string_view url) {
  const size_t question = url.find('?');
  if (question == absl::string_view::npos) return std::nullopt;
  url = url.substr(question + 1);
  url = url.substr(0, url.find('#'));
  for (absl::string_view parameter : absl::StrSplit(url, '&')) {
    if (!absl::StartsWith(parameter, "oe=")) continue;
    const absl::string_view digits = parameter.substr(3);
    int64_t seconds = 0;
    if (digits.size() > kMaxExpiryDigits || digits.empty()) return std::nullopt;
    for (char digit : digits) {
      if (!absl::ascii_isxdigit(digit)) return std::nullopt;
    }
    if (!absl::SimpleHexAtoi(digits, &seconds)) return std::nullopt;
    return absl::FromUnixSeconds(seconds);
  }
  return std::nullopt;
}

// ---- pictures of many groups -----------------------------------------------

Node MakeGroupPicturesQuery(absl::Span<const Jid> groups, PictureType type) {
  Node pictures = MakeNode("pictures");
  for (const Jid& group : groups) {
    pictures.AddChild(
        MakeNode("picture", {{"jid", group}, {"type", TypeName(type)}}));
  }
  return MakeNode(
      "iq", {{"xmlns", "w:g2"}, {"type", "get"}, {"to", Jid{"", kGroupServer}}},
      Node::Children{std::move(pictures)});
}

absl::StatusOr<GroupPictures> ParseGroupPicturesAnswer(
    const Node& iq, absl::Span<const Jid> groups) {
  if (absl::Status error = IqError(iq); !error.ok()) return error;
  const Node* const pictures = iq.FindChild("pictures");
  if (pictures == nullptr) return Unreadable("no <pictures> of groups");
  absl::flat_hash_map<Jid, const Node*> entries;
  for (const Node& picture : pictures->children()) {
    const std::optional<Jid> jid = picture.JidAttribute("jid");
    if (picture.tag == "picture" && jid) entries.emplace(*jid, &picture);
  }
  GroupPictures answers;
  for (const Jid& group : groups) {
    auto& answer = answers.emplace_back();
    const auto entry = entries.find(group);
    if (entry == entries.end()) continue;
    const Node& picture = *entry->second;
    PictureQuery query;
    query.target = group;
    const std::string status = picture.AttributeOr("status");
    if (const Node* error = picture.FindChild("error")) {
      answer = AnswerToError(ParseProtocolError(*error), group);
    } else if (!picture.AttributeOr("url").empty()) {
      answer = AnswerWithUrl(picture);
    } else if (!status.empty()) {
      answer = AnswerToStatus(status, query);
    }
  }
  return answers;
}

}  // namespace portrait::whatsapp
