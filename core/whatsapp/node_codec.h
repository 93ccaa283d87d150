// Nodes to and from bytes.
//
//   plaintext   = flags node                flags & 2: node is one zlib stream
//   node        = list-header tag {key value}* [content]
//   list-header = F8 size8 | F9 size16      size = 1 + 2·attributes + content?
//
// Single-byte tokens, four double-byte dictionaries, packed nibbles and hex,
// raw strings of three lengths and five JID forms; see tokens.h for the words.
#ifndef PORTRAIT_CORE_WHATSAPP_NODE_CODEC_H_
#define PORTRAIT_CORE_WHATSAPP_NODE_CODEC_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/whatsapp/node.h"

namespace portrait::whatsapp {

// What DecodeNode reads at most: elements inside each other, bytes after
// inflating, and elements and attributes together.
inline constexpr size_t kMaxNodeDepth = 256;
inline constexpr size_t kMaxInflatedBytes = 16 * 1024 * 1024;
inline constexpr size_t kMaxNodeParts = 1 << 19;

// The flag byte (0, never compressed) and the node, byte for byte as WhatsApp's
// own clients choose among the legal forms. A list may have 65535 entries, an
// element 32766 attributes.
std::string EncodeNode(const Node& node);

// The same with the node deflated (flag 2), as the server may send it.
std::string EncodeCompressedNode(const Node& node);

// Reads a decrypted frame. Accepts every legal form; nothing may follow the
// node. Never allocates more than the input justifies.
//
// Errors: INVALID_ARGUMENT, saying what is wrong and at which byte.
absl::StatusOr<Node> DecodeNode(absl::string_view plaintext);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_NODE_CODEC_H_
