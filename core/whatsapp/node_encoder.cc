#include <optional>

#include "absl/strings/str_cat.h"
#include "core/whatsapp/compression.h"
#include "core/whatsapp/node_codec.h"
#include "core/whatsapp/node_wire.h"
#include "core/whatsapp/tokens.h"

namespace portrait::whatsapp {
namespace {

// The domain byte for devices of `server`, if there is one.
std::optional<uint8_t> DomainOf(absl::string_view server) {
  if (server == kUserServer || server == kLegacyUserServer) {
    return kDomainPhoneNumber;
  }
  if (server == kLidServer) return kDomainLid;
  if (server == kHostedServer) return kDomainHosted;
  if (server == kHostedLidServer) return kDomainHostedLid;
  return std::nullopt;
}

bool IsPackable(absl::string_view text, absl::string_view alphabet) {
  return !text.empty() && text.size() <= kMaxPackedCharacters &&
         text.find_first_not_of(alphabet) == absl::string_view::npos;
}

class Encoder {
 public:
  std::string TakeOutput() { return std::move(output_); }

  void WriteNode(const Node& node) {
    const bool has_content =
        !std::holds_alternative<std::monostate>(node.content);
    WriteListHeader(1 + 2 * node.attributes.size() + (has_content ? 1 : 0));
    WriteString(node.tag);
    for (const auto& [name, value] : node.attributes) {
      WriteString(name);
      if (const auto* jid = std::get_if<Jid>(&value)) {
        WriteJid(*jid);
      } else {
        WriteString(std::get<std::string>(value));
      }
    }
    if (has_content) WriteContent(node.content);
  }

 private:
  void WriteContent(const Node::Content& content) {
    if (const auto* children = std::get_if<Node::Children>(&content)) {
      WriteListHeader(children->size());
      for (const Node& child : *children) WriteNode(child);
    } else if (const auto* bytes = std::get_if<Node::Bytes>(&content)) {
      WriteRaw(bytes->data);
    } else if (const auto* jid = std::get_if<Jid>(&content)) {
      WriteJid(*jid);
    } else {
      WriteString(std::get<std::string>(content));
    }
  }

  void WriteByte(uint8_t byte) { output_.push_back(static_cast<char>(byte)); }

  void WriteBigEndian(uint64_t number, int bytes) {
    for (int i = bytes - 1; i >= 0; --i) {
      WriteByte(static_cast<uint8_t>(number >> (8 * i)));
    }
  }

  void WriteListHeader(size_t size) {
    if (size == 0) {
      WriteByte(kTagListEmpty);
    } else if (size < 256) {
      WriteByte(kTagList8);
      WriteByte(static_cast<uint8_t>(size));
    } else {
      WriteByte(kTagList16);
      WriteBigEndian(size, 2);
    }
  }

  // Chooses the form as WhatsApp's clients do: token, digits, hex digits, raw.
  void WriteString(absl::string_view text) {
    if (const std::optional<TokenPosition> token = FindToken(text)) {
      if (token->dictionary >= 0) {
        WriteByte(static_cast<uint8_t>(kTagDictionary0 + token->dictionary));
      }
      WriteByte(token->index);
    } else if (IsPackable(text, kNibbleAlphabet)) {
      WritePacked(kTagNibble8, kNibbleAlphabet, text);
    } else if (IsPackable(text, kHexAlphabet)) {
      WritePacked(kTagHex8, kHexAlphabet, text);
    } else {
      WriteRaw(text);
    }
  }

  void WritePacked(uint8_t tag, absl::string_view alphabet,
                   absl::string_view text) {
    const bool odd = text.size() % 2 != 0;
    WriteByte(tag);
    WriteByte(static_cast<uint8_t>((text.size() + 1) / 2) |
              (odd ? kPackedOdd : 0));
    for (size_t i = 0; i < text.size(); i += 2) {
      const size_t high = alphabet.find(text[i]);
      const size_t low =
          i + 1 < text.size() ? alphabet.find(text[i + 1]) : kPackedFiller;
      WriteByte(static_cast<uint8_t>(high << 4 | low));
    }
  }

  void WriteRaw(absl::string_view data) {
    if (data.size() < 256) {
      WriteByte(kTagBinary8);
      WriteByte(static_cast<uint8_t>(data.size()));
    } else if (data.size() < 1u << 20) {
      WriteByte(kTagBinary20);
      WriteBigEndian(data.size(), 3);
    } else {
      WriteByte(kTagBinary32);
      WriteBigEndian(data.size(), 4);
    }
    output_.append(data.data(), data.size());
  }

  void WriteJid(const Jid& jid) {
    const std::optional<uint8_t> domain = DomainOf(jid.server);
    if (jid.user.empty()) {
      WriteJidPair(jid);  // the other forms are refused if the user is empty
    } else if (jid.server == kInteropServer) {
      WriteByte(kTagInteropJid);
      WriteString(jid.user);
      WriteBigEndian(jid.device, 2);
      WriteBigEndian(jid.integrator, 2);
      WriteString(jid.server);
    } else if (jid.server == kMessengerServer) {
      WriteByte(kTagMessengerJid);
      WriteString(jid.user);
      WriteBigEndian(jid.device, 2);
      WriteString(jid.server);
    } else if (domain && jid.device > 0 && jid.device < 256) {
      WriteByte(kTagDeviceJid);
      WriteByte(*domain);
      WriteByte(static_cast<uint8_t>(jid.device));
      WriteString(jid.user);
    } else {
      WriteJidPair(jid);
    }
  }

  void WriteJidPair(const Jid& jid) {
    WriteByte(kTagJidPair);
    if (jid.device != 0) {
      // No JID form of the wire has room for such a device number. The peer
      // refuses a JID in plain text, so it does not mistake the device for
      // another one.
      WriteString(absl::StrCat(jid.user, ":", jid.device));
    } else if (jid.user.empty()) {
      WriteByte(kTagListEmpty);
    } else {
      WriteString(jid.user);
    }
    WriteString(jid.server);
  }

  std::string output_;
};

std::string EncodeBare(const Node& node) {
  Encoder encoder;
  encoder.WriteNode(node);
  return encoder.TakeOutput();
}

}  // namespace

std::string EncodeNode(const Node& node) {
  return absl::StrCat(absl::string_view("\0", 1), EncodeBare(node));
}

std::string EncodeCompressedNode(const Node& node) {
  const char flags = static_cast<char>(kCompressedFlag);
  return absl::StrCat(absl::string_view(&flags, 1), Deflate(EncodeBare(node)));
}

}  // namespace portrait::whatsapp
