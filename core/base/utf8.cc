#include "core/base/utf8.h"

namespace portrait {
namespace {

constexpr absl::string_view kReplacement = "\xEF\xBF\xBD";

bool IsAscii(absl::string_view text) {
  unsigned char bits = 0;
  for (char c : text) bits |= static_cast<unsigned char>(c);
  return bits < 0x80;
}

}  // namespace

// The byte ranges are those of table 3-7 of the Unicode standard.
size_t Utf8CharacterSize(absl::string_view text) {
  const auto at = [&](size_t i) {
    return i < text.size() ? static_cast<uint8_t>(text[i]) : uint8_t{0};
  };
  const auto between = [](uint8_t byte, uint8_t low, uint8_t high) {
    return byte >= low && byte <= high;
  };
  const auto is_tail = [&](size_t i) { return between(at(i), 0x80, 0xBF); };
  if (text.empty()) return 0;
  const uint8_t first = at(0);
  if (first < 0x80) return 1;
  if (between(first, 0xC2, 0xDF)) return is_tail(1) ? 2 : 0;
  if (between(first, 0xE0, 0xEF)) {
    const uint8_t low = first == 0xE0 ? 0xA0 : 0x80;
    const uint8_t high = first == 0xED ? 0x9F : 0xBF;
    return between(at(1), low, high) && is_tail(2) ? 3 : 0;
  }
  if (between(first, 0xF0, 0xF4)) {
    const uint8_t low = first == 0xF0 ? 0x90 : 0x80;
    const uint8_t high = first == 0xF4 ? 0x8F : 0xBF;
    return between(at(1), low, high) && is_tail(2) && is_tail(3) ? 4 : 0;
  }
  return 0;
}

uint32_t Utf8CodePoint(absl::string_view character) {
  const auto byte = [&](size_t i) {
    return static_cast<uint8_t>(character[i]);
  };
  if (character.size() == 1) return byte(0);
  // 110xxxxx, 1110xxxx or 11110xxx, then 10xxxxxx each.
  uint32_t code = byte(0) & (0x7Fu >> character.size());
  for (size_t i = 1; i < character.size(); ++i) {
    code = code << 6 | (byte(i) & 0x3Fu);
  }
  return code;
}

bool IsUtf8(absl::string_view text) {
  while (!text.empty()) {
    const size_t bytes = Utf8CharacterSize(text);
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

std::string ValidUtf8(absl::string_view text) {
  if (IsAscii(text)) return std::string(text);
  std::string valid;
  valid.reserve(text.size());
  while (!text.empty()) {
    const size_t bytes = Utf8CharacterSize(text);
    const absl::string_view character =
        bytes == 0 ? kReplacement : text.substr(0, bytes);
    valid.append(character.data(), character.size());
    text.remove_prefix(bytes == 0 ? 1 : bytes);
  }
  return valid;
}

std::string Presentable(absl::string_view text, size_t max_bytes) {
  // The text may have megabytes, so only the part that may fit is processed.
  std::string line = ValidUtf8(text.substr(0, max_bytes + 1));
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7F') c = '?';
  }
  if (line.size() <= max_bytes) return line;
  size_t end = 0;
  for (size_t next = 0; next <= max_bytes;) {
    end = next;
    next += Utf8CharacterSize(absl::string_view(line).substr(next));
  }
  line.resize(end);
  return line;
}

}  // namespace portrait
