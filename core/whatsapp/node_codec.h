// Encodes nodes as bytes and decodes them.
//
//   plaintext   = flags node                flags & 2: node is one zlib stream
//   node        = list-header tag {key value}* [content]
//   list-header = F8 size8 | F9 size16      size = 1 + 2·attributes + content?
//
// Strings are single-byte tokens, tokens of four double-byte dictionaries,
// packed nibbles or hex digits, raw strings with three sizes of length, or one
// of five JID forms; see tokens.h for the tokens.
#ifndef PORTRAIT_CORE_WHATSAPP_NODE_CODEC_H_
#define PORTRAIT_CORE_WHATSAPP_NODE_CODEC_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/whatsapp/node.h"

namespace portrait::whatsapp {

// Limits of DecodeNode: nesting depth, bytes after inflating, and the total
// number of elements and attributes.
inline constexpr size_t kMaxNodeDepth = 256;
inline constexpr size_t kMaxInflatedBytes = 16 * 1024 * 1024;
inline constexpr size_t kMaxNodeParts = 1 << 19;

// Returns the flag byte (0, not compressed) and the node, byte by byte as
// WhatsApp's clients encode it. A list may have 65535 entries, an element 32766
// attributes.
std::string EncodeNode(const Node& node);

// Like EncodeNode, with the node deflated (flag 2), as the server may send it.
std::string EncodeCompressedNode(const Node& node);

// Decodes a decrypted frame. Accepts every legal form; nothing may follow the
// node. Allocates only memory in proportion to the input.
//
// Errors: INVALID_ARGUMENT, saying what is wrong and at which byte.
absl::StatusOr<Node> DecodeNode(absl::string_view plaintext);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_NODE_CODEC_H_
