// Node is one stanza or a part of it: the equivalent of an XML element in XMPP.
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

// The peers distinguish strings from JIDs: on the wire, the tag byte decides
// which of them an attribute is, not its text.
using AttributeValue = std::variant<std::string, Jid>;

// A value type; thread-compatible.
struct Node {
  // Binary content; the wire format distinguishes it from text.
  struct Bytes {
    std::string data;
    bool operator==(const Bytes&) const = default;
  };
  using Children = std::vector<Node>;
  // Text may also be a JID: Baileys writes any text with an '@' as one.
  using Content =
      std::variant<std::monostate, Children, Bytes, std::string, Jid>;

  std::string tag;
  // In wire order, with distinct names.
  std::vector<std::pair<std::string, AttributeValue>> attributes;
  Content content;

  // Returns the first child with that tag, or null.
  const Node* FindChild(absl::string_view child_tag) const;
  // Returns all children; empty if the content is not a list.
  const Children& children() const;

  // Returns the attribute as text (a JID is formatted), or nothing.
  std::optional<std::string> Attribute(absl::string_view name) const;
  // Returns `otherwise` if the attribute is missing.
  std::string AttributeOr(absl::string_view name,
                          absl::string_view otherwise = "") const;
  // Returns the attribute as a JID, if it is one or its text can be parsed as
  // one.
  std::optional<Jid> JidAttribute(absl::string_view name) const;
  // Returns a decimal attribute; nothing if it is missing, malformed or out of
  // range.
  std::optional<uint64_t> NumberAttribute(absl::string_view name) const;

  // Returns the content as octets, whether it is bytes, text or a JID. Empty
  // for no content and for children.
  std::string Data() const;

  // Replaces the attribute or appends it.
  void SetAttribute(absl::string_view name, AttributeValue value);
  // Appends a child; the content must be empty or children.
  Node& AddChild(Node child);

  // Formats the node like XML, for logs and test failures: attributes and child
  // tags only, no content, with JID users masked.
  std::string DebugString() const;

  bool operator==(const Node&) const = default;
};

// Makes a node whose attributes have the given order.
Node MakeNode(
    absl::string_view tag,
    std::initializer_list<std::pair<absl::string_view, AttributeValue>>
        attributes = {},
    Node::Content content = {});

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_NODE_H_
