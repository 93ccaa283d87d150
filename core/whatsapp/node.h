// Node is one stanza or a part of one: what XMPP would write as an XML element.
#ifndef PORTRAIT_CORE_WHATSAPP_NODE_H_
#define PORTRAIT_CORE_WHATSAPP_NODE_H_

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/whatsapp/jid.h"

namespace portrait::whatsapp {

// On the wire an attribute is a string or a JID by its tag byte, not by its
// text, and the peers do tell them apart.
using AttributeValue = std::variant<std::string, Jid>;

// A value type; thread-compatible.
struct Node {
  // Binary content; distinct from text, as it is on the wire.
  struct Bytes {
    std::string data;
    bool operator==(const Bytes&) const = default;
  };
  using Children = std::vector<Node>;
  // Text may also be a JID: Baileys writes any text with an '@' so.
  using Content =
      std::variant<std::monostate, Children, Bytes, std::string, Jid>;

  std::string tag;
  // In wire order. At most one of a name.
  std::vector<std::pair<std::string, AttributeValue>> attributes;
  Content content;

  // The first child with that tag, or null.
  const Node* FindChild(absl::string_view child_tag) const;
  // All children; empty when the content is none or no list.
  const Children& children() const;

  // The attribute as text (a JID is spelled out), or nothing.
  std::optional<std::string> Attribute(absl::string_view name) const;
  // "" where Attribute() has nothing.
  std::string AttributeOr(absl::string_view name,
                          absl::string_view otherwise = "") const;
  // The attribute as a JID: typed as one, or text that reads as one.
  std::optional<Jid> JidAttribute(absl::string_view name) const;
  // A decimal attribute; nothing when missing, malformed or out of range.
  std::optional<uint64_t> NumberAttribute(absl::string_view name) const;

  // Content as octets, however it was written: bytes, text or JID text.
  // Empty for none and for children.
  std::string Data() const;

  // Replaces or appends.
  void SetAttribute(absl::string_view name, AttributeValue value);
  // Appends; content must be none or children.
  Node& AddChild(Node child);

  // XML-like, for logs and failures of tests: attributes and child tags only,
  // never content, with JID users masked.
  std::string DebugString() const;

  bool operator==(const Node&) const = default;
};

// Node{…} with attributes in writing order.
Node MakeNode(
    absl::string_view tag,
    std::initializer_list<std::pair<absl::string_view, AttributeValue>>
        attributes = {},
    Node::Content content = {});

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_NODE_H_
