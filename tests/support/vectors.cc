#include "tests/support/vectors.h"

#include <cstdlib>
#include <utility>
#include <variant>

#include "absl/strings/escaping.h"

namespace portrait::testing {
namespace {

// The text, or the JID in it.
whatsapp::AttributeValue ValueOf(const std::string& text) {
  if (text.find('@') == std::string::npos) return text;
  absl::StatusOr<whatsapp::Jid> jid = whatsapp::ParseJid(text);
  if (!jid.ok()) return text;
  return *std::move(jid);
}

}  // namespace

std::vector<Json> Vectors(const std::string& file) {
  const char* const chosen = std::getenv("PORTRAIT_VECTORS");
  const std::string directory =
      chosen != nullptr ? chosen : TestDataDirectory() + "/vectors";
  return ReadJsonFile(directory + "/" + file)["vectors"].items;
}

std::vector<Json> VectorsOfKind(const std::string& file,
                                absl::string_view kind) {
  std::vector<Json> chosen;
  for (Json& vector : Vectors(file)) {
    if (vector["kind"].text == kind) chosen.push_back(std::move(vector));
  }
  return chosen;
}

std::string Hex(const Json& json) { return absl::HexStringToBytes(json.text); }

whatsapp::KeyPair KeysOf(const Json& json) {
  return {Hex(json["private"]), Hex(json["public"])};
}

whatsapp::Node NodeOf(const Json& json) {
  whatsapp::Node node;
  node.tag = json["tag"].text;
  for (const auto& [name, value] : json["attrs"].members) {
    node.attributes.emplace_back(name, ValueOf(value.text));
  }
  const Json& content = json["content"];
  if (content.is_object()) {
    node.content = whatsapp::Node::Bytes{Hex(content["hex"])};
  } else if (content.is_string()) {
    whatsapp::AttributeValue value = ValueOf(content.text);
    std::visit([&](auto&& held) { node.content = std::move(held); }, value);
  } else if (content.is_array()) {
    whatsapp::Node::Children children;
    for (const Json& child : content.items) children.push_back(NodeOf(child));
    node.content = std::move(children);
  }
  return node;
}

}  // namespace portrait::testing
