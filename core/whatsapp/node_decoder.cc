#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/base/utf8.h"
#include "core/whatsapp/compression.h"
#include "core/whatsapp/node_codec.h"
#include "core/whatsapp/node_wire.h"
#include "core/whatsapp/tokens.h"

namespace portrait::whatsapp {
namespace {

// Up to this number of attributes, duplicates are found by pairwise comparison;
// above it, by hash.
constexpr size_t kFewAttributes = 16;

using Attributes = std::vector<std::pair<std::string, AttributeValue>>;

// If a name is repeated, the last value wins, at the position of the first.
void DropRepeated(Attributes* attributes) {
  absl::flat_hash_map<absl::string_view, size_t> place_of;
  Attributes kept;
  kept.reserve(attributes->size());  // so that the map's views stay valid
  for (auto& [name, value] : *attributes) {
    const auto found = place_of.find(name);
    if (found != place_of.end()) {
      kept[found->second].second = std::move(value);
      continue;
    }
    kept.emplace_back(std::move(name), std::move(value));
    place_of.emplace(kept.back().first, kept.size() - 1);
  }
  *attributes = std::move(kept);
}

bool HasRepeated(const Attributes& attributes) {
  // There may be duplicates.
  if (attributes.size() > kFewAttributes) return true;
  for (size_t i = 0; i < attributes.size(); ++i) {
    for (size_t k = 0; k < i; ++k) {
      if (attributes[i].first == attributes[k].first) return true;
    }
  }
  return false;
}

const char* ServerOfDomain(uint8_t domain) {
  switch (domain) {
    case kDomainLid:
      return kLidServer;
    case kDomainHosted:
      return kHostedServer;
    case kDomainHostedLid:
      return kHostedLidServer;
    default:
      return kUserServer;
  }
}

class Decoder {
 public:
  explicit Decoder(absl::string_view input) : input_(input) {}

  absl::StatusOr<Node> ReadWhole() {
    ASSIGN_OR_RETURN(Node node, ReadNode(/*depth=*/1));
    if (position_ != input_.size()) return Refuse("bytes follow the node");
    return node;
  }

 private:
  absl::Status Refuse(absl::string_view why) const {
    return absl::InvalidArgumentError(
        absl::StrCat("node: ", why, " at byte ", position_));
  }

  absl::StatusOr<absl::string_view> Take(size_t size) {
    if (size > input_.size() - position_) return Refuse("cut short");
    const absl::string_view taken = input_.substr(position_, size);
    position_ += size;
    return taken;
  }

  absl::StatusOr<uint8_t> TakeByte() {
    if (position_ == input_.size()) return Refuse("cut short");
    return static_cast<uint8_t>(input_[position_++]);
  }

  absl::StatusOr<uint32_t> TakeBigEndian(int bytes) {
    ASSIGN_OR_RETURN(const absl::string_view digits, Take(bytes));
    uint32_t number = 0;
    for (char digit : digits) {
      number = number << 8 | static_cast<uint8_t>(digit);
    }
    return number;
  }

  // A node may announce any number of parts, and each takes far more memory
  // than its two or three bytes on the wire.
  absl::Status CountParts(size_t more) {
    parts_ += more;
    if (parts_ > kMaxNodeParts) {
      return Refuse(absl::StrCat("more than ", kMaxNodeParts, " parts"));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<Node> ReadNode(size_t depth) {
    if (depth > kMaxNodeDepth) {
      return Refuse(absl::StrCat("nested deeper than ", kMaxNodeDepth));
    }
    ASSIGN_OR_RETURN(const uint8_t tag, TakeByte());
    if (tag != kTagList8 && tag != kTagList16) {
      return Refuse("an element does not begin with a list");
    }
    ASSIGN_OR_RETURN(const uint32_t size, TakeListSize(tag));
    if (size == 0) return Refuse("an element is an empty list");
    RETURN_IF_ERROR(CountParts(1));
    Node node;
    ASSIGN_OR_RETURN(node.tag, ReadName());
    for (uint32_t i = 0; i < (size - 1) / 2; ++i) {
      RETURN_IF_ERROR(CountParts(1));
      ASSIGN_OR_RETURN(std::string name, ReadName());
      ASSIGN_OR_RETURN(const uint8_t value_tag, TakeByte());
      ASSIGN_OR_RETURN(AttributeValue value, ReadValue(value_tag));
      node.attributes.emplace_back(std::move(name), std::move(value));
    }
    if (HasRepeated(node.attributes)) DropRepeated(&node.attributes);
    if (size % 2 == 0) {
      ASSIGN_OR_RETURN(node.content, ReadContent(depth));
    }
    return node;
  }

  absl::StatusOr<uint32_t> TakeListSize(uint8_t tag) {
    return TakeBigEndian(tag == kTagList8 ? 1 : 2);
  }

  absl::StatusOr<Node::Content> ReadContent(size_t depth) {
    ASSIGN_OR_RETURN(const uint8_t tag, TakeByte());
    switch (tag) {
      case kTagListEmpty:
        return Node::Children();
      case kTagList8:
      case kTagList16:
        return ReadChildren(tag, depth);
      case kTagBinary8:
      case kTagBinary20:
      case kTagBinary32: {
        ASSIGN_OR_RETURN(const absl::string_view data, TakeBinary(tag));
        return Node::Bytes{std::string(data)};
      }
      default: {
        ASSIGN_OR_RETURN(AttributeValue value, ReadValue(tag));
        if (auto* jid = std::get_if<Jid>(&value)) return std::move(*jid);
        return std::get<std::string>(std::move(value));
      }
    }
  }

  absl::StatusOr<Node::Content> ReadChildren(uint8_t tag, size_t depth) {
    ASSIGN_OR_RETURN(const uint32_t size, TakeListSize(tag));
    Node::Children children;
    for (uint32_t i = 0; i < size; ++i) {
      ASSIGN_OR_RETURN(Node child, ReadNode(depth + 1));
      children.push_back(std::move(child));
    }
    return children;
  }

  // Reads a tag or an attribute's name.
  absl::StatusOr<std::string> ReadName() {
    ASSIGN_OR_RETURN(const uint8_t tag, TakeByte());
    ASSIGN_OR_RETURN(std::string name, ReadString(tag));
    if (name.empty()) return Refuse("an empty name");
    return name;
  }

  // Reads an attribute's value, or content that is neither a list nor bytes.
  absl::StatusOr<AttributeValue> ReadValue(uint8_t tag) {
    switch (tag) {
      case kTagListEmpty:  // a missing string is written like this
        return std::string();
      case kTagJidPair:
        return ReadJidPair();
      case kTagDeviceJid:
        return ReadDeviceJid();
      case kTagMessengerJid:
        return ReadMessengerJid();
      case kTagInteropJid:
        return ReadInteropJid();
      default:
        return ReadString(tag);
    }
  }

  absl::StatusOr<std::string> ReadString(uint8_t tag) {
    switch (tag) {
      case kTagHex8:
        return ReadPacked(kHexAlphabet);
      case kTagNibble8:
        return ReadPacked(kNibbleAlphabet);
      case kTagBinary8:
      case kTagBinary20:
      case kTagBinary32: {
        ASSIGN_OR_RETURN(const absl::string_view data, TakeBinary(tag));
        if (!IsUtf8(data)) return Refuse("text that is no UTF-8 ends");
        return std::string(data);
      }
      default:
        return ReadToken(tag);
    }
  }

  absl::StatusOr<std::string> ReadToken(uint8_t tag) {
    std::optional<absl::string_view> word;
    if (tag >= kTagDictionary0 && tag <= kTagDictionary3) {
      ASSIGN_OR_RETURN(const uint8_t index, TakeByte());
      word = DoubleToken(tag - kTagDictionary0, index);
    } else {
      word = SingleToken(tag);
    }
    if (!word.has_value()) {
      return Refuse(
          absl::StrCat("expected a string (tag ", static_cast<int>(tag), ")"));
    }
    return std::string(*word);
  }

  absl::StatusOr<absl::string_view> TakeBinary(uint8_t tag) {
    uint32_t size = 0;
    if (tag == kTagBinary8) {
      ASSIGN_OR_RETURN(size, TakeByte());
    } else if (tag == kTagBinary20) {
      ASSIGN_OR_RETURN(size, TakeBigEndian(3));
      size &= (1u << 20) - 1;
    } else {
      ASSIGN_OR_RETURN(size, TakeBigEndian(4));
    }
    return Take(size);
  }

  absl::StatusOr<std::string> ReadPacked(absl::string_view alphabet) {
    ASSIGN_OR_RETURN(const uint8_t count, TakeByte());
    const bool odd = (count & kPackedOdd) != 0;
    ASSIGN_OR_RETURN(const absl::string_view packed, Take(count & ~kPackedOdd));
    if (packed.empty() && odd)
      return Refuse("a packed text of an odd length is empty");
    std::string text;
    text.reserve(2 * packed.size());
    for (char byte : packed) {
      const auto both = static_cast<uint8_t>(byte);
      for (const uint8_t half : {both >> 4, both & 0x0F}) {
        if (half < alphabet.size()) {
          text.push_back(alphabet[half]);
        } else if (half == kPackedFiller) {
          text.push_back('\0');
        } else {
          return Refuse("an invalid packed digit");
        }
      }
    }
    if (odd) text.pop_back();
    return text;
  }

  // Reads a part of a JID, which is never itself a JID, so there is no
  // recursion.
  absl::StatusOr<std::string> ReadJidPart() {
    ASSIGN_OR_RETURN(const uint8_t tag, TakeByte());
    if (tag == kTagListEmpty) return std::string();
    return ReadString(tag);
  }

  absl::StatusOr<std::string> ReadJidUser() {
    ASSIGN_OR_RETURN(std::string user, ReadJidPart());
    if (user.empty()) return Refuse("a JID with a device but no user");
    return user;
  }

  absl::StatusOr<Jid> ReadJidPair() {
    Jid jid;
    ASSIGN_OR_RETURN(jid.user, ReadJidPart());
    ASSIGN_OR_RETURN(jid.server, ReadJidPart());
    if (jid.server.empty()) return Refuse("a JID without server");
    return jid;
  }

  absl::StatusOr<Jid> ReadDeviceJid() {
    Jid jid;
    ASSIGN_OR_RETURN(const uint8_t domain, TakeByte());
    jid.server = ServerOfDomain(domain);
    ASSIGN_OR_RETURN(jid.device, TakeByte());
    ASSIGN_OR_RETURN(jid.user, ReadJidUser());
    return jid;
  }

  absl::StatusOr<Jid> ReadMessengerJid() {
    Jid jid;
    ASSIGN_OR_RETURN(jid.user, ReadJidUser());
    ASSIGN_OR_RETURN(jid.device, TakeBigEndian(2));
    ASSIGN_OR_RETURN(jid.server, ReadJidPart());
    if (jid.server != kMessengerServer) return Refuse("not a msgr JID");
    return jid;
  }

  absl::StatusOr<Jid> ReadInteropJid() {
    Jid jid;
    ASSIGN_OR_RETURN(jid.user, ReadJidUser());
    ASSIGN_OR_RETURN(jid.device, TakeBigEndian(2));
    ASSIGN_OR_RETURN(jid.integrator, TakeBigEndian(2));
    ASSIGN_OR_RETURN(jid.server, ReadJidPart());
    if (jid.server != kInteropServer) return Refuse("not an interop JID");
    return jid;
  }

  const absl::string_view input_;
  size_t position_ = 0;
  size_t parts_ = 0;
};

}  // namespace

absl::StatusOr<Node> DecodeNode(absl::string_view plaintext) {
  if (plaintext.empty()) {
    return absl::InvalidArgumentError("node: no flag byte");
  }
  const absl::string_view rest = plaintext.substr(1);
  if ((static_cast<uint8_t>(plaintext[0]) & kCompressedFlag) == 0) {
    return Decoder(rest).ReadWhole();
  }
  ASSIGN_OR_RETURN(const std::string inflated,
                   Inflate(rest, kMaxInflatedBytes));
  return Decoder(inflated).ReadWhole();
}

}  // namespace portrait::whatsapp
