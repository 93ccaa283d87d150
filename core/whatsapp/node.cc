#include "core/whatsapp/node.h"

#include <algorithm>
#include <cassert>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "core/base/telemetry.h"

namespace portrait::whatsapp {
namespace {

std::string TextOf(const AttributeValue& value) {
  if (const auto* jid = std::get_if<Jid>(&value)) return jid->ToString();
  return std::get<std::string>(value);
}

// Attributes with personal or secret text: names, picture links.
bool IsPrivateAttribute(absl::string_view name) {
  static constexpr absl::string_view kPrivate[] = {
      "url",     "direct_path",  "hash",          "companion_enc_static",
      "name",    "display_name", "verified_name", "pushname",
      "username"};
  return std::find(std::begin(kPrivate), std::end(kPrivate), name) !=
         std::end(kPrivate);
}

std::string MaskedJid(const Jid& jid) {
  std::string masked = Masked(Jid{.user = jid.user,
                                  .server = jid.server,
                                  .device = 0,
                                  .integrator = jid.integrator}
                                  .ToString());
  if (jid.device != 0) absl::StrAppend(&masked, " device ", jid.device);
  return masked;
}

std::string MaskedText(absl::string_view name, const AttributeValue& value) {
  if (const auto* jid = std::get_if<Jid>(&value)) return MaskedJid(*jid);
  const std::string& text = std::get<std::string>(value);
  if (IsPrivateAttribute(name)) return absl::StrCat(text.size(), " bytes");
  if (text.find('@') != std::string::npos ||
      (!text.empty() && text.front() == '+')) {
    return Masked(text);
  }
  return text;
}

}  // namespace

const Node::Children& Node::children() const {
  static const Children* const none = new Children();
  const auto* list = std::get_if<Children>(&content);
  return list != nullptr ? *list : *none;
}

const Node* Node::FindChild(absl::string_view child_tag) const {
  for (const Node& child : children()) {
    if (child.tag == child_tag) return &child;
  }
  return nullptr;
}

std::optional<std::string> Node::Attribute(absl::string_view name) const {
  for (const auto& [key, value] : attributes) {
    if (key == name) return TextOf(value);
  }
  return std::nullopt;
}

std::string Node::AttributeOr(absl::string_view name,
                              absl::string_view otherwise) const {
  std::optional<std::string> text = Attribute(name);
  return text.has_value() ? *std::move(text) : std::string(otherwise);
}

std::optional<Jid> Node::JidAttribute(absl::string_view name) const {
  for (const auto& [key, value] : attributes) {
    if (key != name) continue;
    if (const auto* jid = std::get_if<Jid>(&value)) return *jid;
    absl::StatusOr<Jid> parsed = ParseJid(std::get<std::string>(value));
    if (!parsed.ok()) return std::nullopt;
    return *std::move(parsed);
  }
  return std::nullopt;
}

std::optional<uint64_t> Node::NumberAttribute(absl::string_view name) const {
  const std::optional<std::string> text = Attribute(name);
  if (!text.has_value() || text->empty()) return std::nullopt;
  // SimpleAtoi also accepts signs and spaces, which are invalid here.
  if (!std::all_of(text->begin(), text->end(), absl::ascii_isdigit)) {
    return std::nullopt;
  }
  uint64_t number;
  if (!absl::SimpleAtoi(*text, &number)) return std::nullopt;
  return number;
}

std::string Node::Data() const {
  if (const auto* bytes = std::get_if<Bytes>(&content)) return bytes->data;
  if (const auto* text = std::get_if<std::string>(&content)) return *text;
  if (const auto* jid = std::get_if<Jid>(&content)) return jid->ToString();
  return "";
}

void Node::SetAttribute(absl::string_view name, AttributeValue value) {
  for (auto& [key, old_value] : attributes) {
    if (key == name) {
      old_value = std::move(value);
      return;
    }
  }
  attributes.emplace_back(std::string(name), std::move(value));
}

Node& Node::AddChild(Node child) {
  if (std::holds_alternative<std::monostate>(content)) content = Children();
  assert(std::holds_alternative<Children>(content));
  Children& list = std::get<Children>(content);
  list.push_back(std::move(child));
  return list.back();
}

std::string Node::DebugString() const {
  std::string text = absl::StrCat("<", tag);
  for (const auto& [name, value] : attributes) {
    absl::StrAppend(&text, " ", name, "=\"", MaskedText(name, value), "\"");
  }
  if (std::holds_alternative<std::monostate>(content)) {
    return absl::StrCat(text, "/>");
  }
  absl::StrAppend(&text, ">");
  if (const auto* list = std::get_if<Children>(&content)) {
    for (const Node& child : *list) {
      absl::StrAppend(&text, "<", child.tag, "/>");
    }
  } else {
    absl::StrAppend(&text, Data().size(), " bytes");
  }
  return absl::StrCat(text, "</", tag, ">");
}

Node MakeNode(
    absl::string_view tag,
    std::initializer_list<std::pair<absl::string_view, AttributeValue>>
        attributes,
    Node::Content content) {
  Node node;
  node.tag = std::string(tag);
  node.attributes.reserve(attributes.size());
  for (const auto& [name, value] : attributes) {
    node.attributes.emplace_back(std::string(name), value);
  }
  node.content = std::move(content);
  return node;
}

}  // namespace portrait::whatsapp
