#include "tests/whatsapp_sim/protocol/stanzas.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "core/whatsapp/jid.h"
#include "tests/whatsapp_sim/protocol/rules.h"

namespace portrait::sim {
namespace {

using whatsapp::MakeNode;
using whatsapp::Node;

absl::string_view ErrorText(int code) {
  switch (code) {
    case 400:
      return "bad-request";
    case 401:
      return "not-authorized";
    case 403:
      return "forbidden";
    case 404:
      return "item-not-found";
    case 406:
      return "not-acceptable";
    case 429:
      return "rate-overlimit";
    case 500:
      return "internal-server-error";
    case 501:
      return "feature-not-implemented";
    default:
      return "error";
  }
}

Node AnswerTo(const Node& iq, absl::string_view type, Node::Content content) {
  Node answer = MakeNode("iq", {{"from", whatsapp::ServerJid()},
                                {"type", std::string(type)},
                                {"id", iq.AttributeOr("id")}});
  answer.content = std::move(content);
  return answer;
}

}  // namespace

std::string ChildData(const Node& node, absl::string_view tag) {
  const Node* child = node.FindChild(tag);
  return child == nullptr ? "" : child->Data();
}

Node ResultOf(const Node& iq, Node::Content content) {
  return AnswerTo(iq, "result", std::move(content));
}

Node ErrorNode(int code, absl::Duration backoff) {
  Node error = MakeNode("error", {{"code", absl::StrCat(code)},
                                  {"text", std::string(ErrorText(code))}});
  if (backoff > absl::ZeroDuration()) {
    const int64_t seconds = std::max<int64_t>(
        1, absl::ToInt64Seconds(absl::Ceil(backoff, absl::Seconds(1))));
    error.SetAttribute("backoff", absl::StrCat(seconds));
  }
  return error;
}

Node ErrorOf(const Node& iq, int code, absl::Duration backoff) {
  return AnswerTo(iq, "error", Node::Children{ErrorNode(code, backoff)});
}

Node RateLimitOf(const Node& iq, absl::Duration backoff) {
  Node error = ErrorNode(429, backoff);
  error.SetAttribute("type", std::string("wait"));
  return AnswerTo(iq, "error", Node::Children{std::move(error)});
}

std::optional<Node> StreamError(absl::string_view name) {
  const auto conflict = [](absl::string_view type) {
    return Node::Children{MakeNode("conflict", {{"type", std::string(type)}})};
  };
  if (name == "conflict" || name == "replaced") {
    return MakeNode("stream:error", {}, conflict("replaced"));
  }
  if (name == "device_removed" || name == "401") {
    return MakeNode("stream:error", {{"code", std::string("401")}},
                    conflict("device_removed"));
  }
  if (name == "xml-not-well-formed") {
    return MakeNode("stream:error", {},
                    Node::Children{MakeNode("xml-not-well-formed")});
  }
  uint32_t code = 0;
  if (absl::SimpleAtoi(name, &code) && code >= 400 && code <= 599) {
    return MakeNode("stream:error", {{"code", absl::StrCat(code)}});
  }
  return std::nullopt;
}

Node Failure(int reason) {
  return MakeNode("failure", {{"reason", absl::StrCat(reason)},
                              {"location", std::string("sim")}});
}

Reaction Answer(Node node) { return {std::move(node), absl::OkStatus()}; }

Reaction Punish(const Node& iq, absl::Status broken) {
  const RuleEntry& rule = EntryOf(RuleOf(broken).value());
  Reaction reaction{std::nullopt, std::move(broken)};
  if (rule.penalty == Penalty::kError) reaction.answer = ErrorOf(iq, rule.code);
  return reaction;
}

}  // namespace portrait::sim
