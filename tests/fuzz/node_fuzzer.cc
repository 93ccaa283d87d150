// Fuzzes a decrypted frame: a decoded node must be encoded to bytes that decode
// to the same node.
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "core/whatsapp/node_codec.h"
#include "tests/fuzz/expect.h"

namespace portrait::fuzz {
namespace {

using whatsapp::DecodeNode;
using whatsapp::Node;

// Text may become bytes on the wire, unless it is a token or packed.
bool IsSame(const Node& a, const Node& b) {
  if (a.tag != b.tag || a.attributes != b.attributes || a.Data() != b.Data() ||
      a.children().size() != b.children().size()) {
    return false;
  }
  for (size_t i = 0; i < a.children().size(); ++i) {
    if (!IsSame(a.children()[i], b.children()[i])) return false;
  }
  return true;
}

void ExpectSame(const Node& node, const std::string& encoded) {
  const absl::StatusOr<Node> again = DecodeNode(encoded);
  Expect(again.ok(), "what was encoded decodes");
  Expect(IsSame(*again, node), "what was encoded decodes to the same");
}

void Run(absl::string_view plaintext) {
  const absl::StatusOr<Node> node = DecodeNode(plaintext);
  if (!node.ok()) return ExpectPresentable(node.status());
  ExpectSame(*node, whatsapp::EncodeNode(*node));
  ExpectSame(*node, whatsapp::EncodeCompressedNode(*node));
  node->DebugString();
}

}  // namespace
}  // namespace portrait::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  portrait::fuzz::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
