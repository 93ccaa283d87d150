#include "client/cli/clean_cell.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/utf8.h"

namespace portrait::cli {
namespace {

enum class Treatment { kKeep, kReplace, kRemove };

// `character` is one valid character of UTF-8.
Treatment TreatmentOf(absl::string_view character) {
  const auto byte = [character](size_t i) {
    return static_cast<unsigned char>(character[i]);
  };
  if (character.size() == 1) {
    return byte(0) < 0x20 || byte(0) == 0x7F ? Treatment::kReplace
                                             : Treatment::kKeep;
  }
  if (byte(0) == 0xC2 && byte(1) < 0xA0) return Treatment::kReplace;  // C1
  // U+061C ARABIC LETTER MARK
  if (character == "\xD8\x9C") return Treatment::kRemove;
  if (byte(0) != 0xE2) return Treatment::kKeep;
  if (byte(1) == 0x80) {
    // U+200E and U+200F are marks, U+202A to U+202E embeddings and overrides.
    if (byte(2) == 0x8E || byte(2) == 0x8F) return Treatment::kRemove;
    if (byte(2) >= 0xAA && byte(2) <= 0xAE) return Treatment::kRemove;
    // U+2028 and U+2029 separate lines and paragraphs.
    if (byte(2) == 0xA8 || byte(2) == 0xA9) return Treatment::kReplace;
  }
  // U+2066 to U+2069 are isolates, U+206A to U+206F deprecated formats.
  const bool isolate = byte(1) == 0x81 && byte(2) >= 0xA6 && byte(2) <= 0xAF;
  return isolate ? Treatment::kRemove : Treatment::kKeep;
}

}  // namespace

std::string CleanCell(absl::string_view text) {
  std::string clean;
  while (!text.empty()) {
    const size_t size = client::Utf8CharacterSize(text);
    const Treatment treatment =
        size == 0 ? Treatment::kReplace : TreatmentOf(text.substr(0, size));
    if (treatment == Treatment::kReplace) clean.push_back('?');
    if (treatment == Treatment::kKeep) {
      absl::StrAppend(&clean, text.substr(0, size));
    }
    text.remove_prefix(std::max<size_t>(1, size));
  }
  return clean;
}

}  // namespace portrait::cli
