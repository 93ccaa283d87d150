#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/whatsapp/queries.h"

namespace portrait::whatsapp {
namespace {

using Outcome = PictureAnswer::Outcome;

// Hexadecimal digits of an `oe` that is a time: up to the year 36812.
constexpr size_t kMaxExpiryDigits = 10;

PictureAnswer AnswerOf(Outcome outcome) {
  PictureAnswer answer;
  answer.outcome = outcome;
  return answer;
}

absl::Status Unreadable(absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("picture query: ", why));
}

// 404 and 401 say something about the picture, whatever form they come in.
absl::StatusOr<PictureAnswer> AnswerToError(const ProtocolError& error) {
  if (error.code == 404) return AnswerOf(Outcome::kNotSet);
  if (error.code == 401) return AnswerOf(Outcome::kHidden);
  return StatusOf(error);
}

// The answer without a URL that means "you have it already".
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
    return Unreadable("a status that is no number");
  }
  return AnswerToError(error);
}

// In base64 on the wire; what does not read so is no hash.
std::string DecodeHash(const std::string& text) {
  std::string hash;
  return absl::Base64Unescape(text, &hash) ? hash : "";
}

// <picture>, or the one in the <pictures> of a community's answer.
const Node* FindPicture(const Node& iq) {
  if (const Node* picture = iq.FindChild("picture")) return picture;
  const Node* const pictures = iq.FindChild("pictures");
  return pictures == nullptr ? nullptr : pictures->FindChild("picture");
}

}  // namespace

Node MakePictureQuery(const PictureQuery& query) {
  Node picture = MakeNode(
      "picture",
      {{"type", query.type == PictureType::kPreview ? "preview" : "image"},
       {"query", "url"}});
  if (!query.existing_id.empty()) {
    picture.SetAttribute("id", query.existing_id);
  }
  if (!query.privacy_token.empty()) {
    picture.AddChild(MakeNode("tctoken", {}, Node::Bytes{query.privacy_token}));
  }
  return MakeNode("iq",
                  {{"xmlns", "w:profile:picture"},
                   {"type", "get"},
                   {"to", ServerJid()},
                   {"target", query.target.WithoutDevice()}},
                  Node::Children{std::move(picture)});
}

absl::StatusOr<PictureAnswer> ParsePictureAnswer(const Node& iq,
                                                 const PictureQuery& query) {
  if (absl::Status status = IqError(iq); !status.ok()) {
    const Node* const error = iq.FindChild("error");
    if (error == nullptr) return status;
    return AnswerToError(ParseProtocolError(*error));
  }
  const Node* const picture = FindPicture(iq);
  if (picture == nullptr) {
    return AnswerOf(query.existing_id.empty() ? Outcome::kNotSet
                                              : Outcome::kUnchanged);
  }
  if (const Node* error = picture->FindChild("error")) {
    return AnswerToError(ParseProtocolError(*error));
  }
  PictureAnswer answer;
  answer.id = picture->AttributeOr("id");
  answer.url = picture->AttributeOr("url");
  if (answer.url.empty()) {
    const std::string status = picture->AttributeOr("status");
    if (!status.empty()) return AnswerToStatus(status, query);
    if (answer.id.empty() && query.existing_id.empty()) {
      return AnswerOf(Outcome::kNotSet);
    }
    return Unchanged(query);
  }
  if (answer.id.empty()) return Unreadable("a picture without id");
  answer.direct_path = picture->AttributeOr("direct_path");
  answer.type = picture->AttributeOr("type");
  answer.hash = DecodeHash(picture->AttributeOr("hash"));
  return answer;
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

}  // namespace portrait::whatsapp
