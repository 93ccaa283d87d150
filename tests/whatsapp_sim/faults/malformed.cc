#include "tests/whatsapp_sim/faults/malformed.h"

#include <utility>

#include "core/base/random.h"
#include "core/whatsapp/node_codec.h"

namespace portrait::sim {
namespace {

using whatsapp::Node;

// Replaces every attribute below the iq by a meaningless text.
void Scramble(Node* node) {
  auto* children = std::get_if<Node::Children>(&node->content);
  if (children == nullptr) return;
  for (Node& child : *children) {
    for (auto& [name, value] : child.attributes) value = std::string("?");
    Scramble(&child);
  }
}

}  // namespace

std::string Malformed(const Node& answer) {
  const std::string plaintext = whatsapp::EncodeNode(answer);
  constexpr uint32_t kWays = 4;
  constexpr size_t kNoiseBytes = 40;
  switch (RandomBelow(kWays)) {
    case 0:
      return plaintext.substr(0, plaintext.size() * 2 / 3);
    case 1:
      return RandomBytes(kNoiseBytes);
    case 2: {
      Node empty = answer;
      if (auto* children = std::get_if<Node::Children>(&empty.content)) {
        for (Node& child : *children) child = whatsapp::MakeNode(child.tag);
      }
      return whatsapp::EncodeNode(empty);
    }
    default: {
      Node scrambled = answer;
      Scramble(&scrambled);
      return whatsapp::EncodeNode(scrambled);
    }
  }
}

}  // namespace portrait::sim
