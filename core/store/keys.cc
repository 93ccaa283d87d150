#include "core/store/keys.h"

#include "absl/strings/str_cat.h"

namespace portrait {

std::string EncodeNumber(uint64_t number) {
  std::string bytes(sizeof(number), '\0');
  for (size_t i = bytes.size(); i > 0; --i, number >>= 8) {
    bytes[i - 1] = static_cast<char>(number & 0xFF);
  }
  return bytes;
}

std::optional<uint64_t> DecodeNumber(absl::string_view bytes) {
  uint64_t number = 0;
  if (bytes.size() != sizeof(number)) return std::nullopt;
  for (const char c : bytes) {
    number = number << 8 | static_cast<unsigned char>(c);
  }
  return number;
}

std::string ChangeKey(uint64_t sequence) { return EncodeNumber(sequence); }

std::string HistoryPrefix(absl::string_view jid) {
  return absl::StrCat(jid, absl::string_view("\0", 1));
}

std::string HistoryKey(absl::string_view jid, uint64_t sequence) {
  return absl::StrCat(HistoryPrefix(jid), EncodeNumber(~sequence));
}

std::optional<uint64_t> SequenceOfHistoryKey(absl::string_view key) {
  if (key.size() < sizeof(uint64_t)) return std::nullopt;
  const auto number = DecodeNumber(key.substr(key.size() - sizeof(uint64_t)));
  return ~number.value_or(0);
}

}  // namespace portrait
