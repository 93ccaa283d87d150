#include "core/whatsapp/name_text.h"

#include <cstdint>

#include "core/base/utf8.h"

namespace portrait::whatsapp {
namespace {

// Tabs, line ends, and the line and paragraph separators.
bool SeparatesLines(uint32_t code) {
  return (code >= '\t' && code <= '\r') || code == 0x85 || code == 0x2028 ||
         code == 0x2029;
}

bool IsControl(uint32_t code) {
  return code < 0x20 || (code >= 0x7F && code <= 0x9F);
}

// The characters that Unicode gives the property Bidi_Control.
bool SetsDirection(uint32_t code) {
  return code == 0x061C || code == 0x200E || code == 0x200F ||
         (code >= 0x202A && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069);
}

}  // namespace

std::string NameText(absl::string_view name) {
  constexpr absl::string_view kReplacement = "\xEF\xBF\xBD";
  std::string text;
  while (!name.empty()) {
    const size_t bytes = Utf8CharacterSize(name);
    absl::string_view character =
        bytes == 0 ? kReplacement : name.substr(0, bytes);
    name.remove_prefix(bytes == 0 ? 1 : bytes);
    const uint32_t code = Utf8CodePoint(character);
    if (SeparatesLines(code)) {
      character = " ";
    } else if (IsControl(code) || SetsDirection(code)) {
      continue;
    }
    if (text.size() + character.size() > kMaxNameBytes) break;
    text.append(character.data(), character.size());
  }
  return text;
}

}  // namespace portrait::whatsapp
