#include "core/whatsapp/utf8.h"

#include <cstddef>
#include <cstdint>

namespace portrait::whatsapp {
namespace {

struct Sequence {
  size_t bytes;  // 0: no sequence starts so
  uint32_t first_bits;
  uint32_t smallest;  // anything below has a shorter form
};

Sequence SequenceOf(uint8_t lead) {
  if (lead < 0x80) return {1, lead, 0};
  if (lead >= 0xC2 && lead < 0xE0) return {2, lead & 0x1Fu, 0x80};
  if (lead >= 0xE0 && lead < 0xF0) return {3, lead & 0x0Fu, 0x800};
  if (lead >= 0xF0 && lead < 0xF5) return {4, lead & 0x07u, 0x10000};
  return {0, 0, 0};
}

}  // namespace

bool IsUtf8(absl::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    const Sequence sequence = SequenceOf(static_cast<uint8_t>(text[i]));
    if (sequence.bytes == 0 || sequence.bytes > text.size() - i) return false;
    uint32_t point = sequence.first_bits;
    for (size_t k = 1; k < sequence.bytes; ++k) {
      const auto next = static_cast<uint8_t>(text[i + k]);
      if ((next & 0xC0) != 0x80) return false;
      point = point << 6 | (next & 0x3Fu);
    }
    const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
    if (point < sequence.smallest || point > 0x10FFFF || surrogate) {
      return false;
    }
    i += sequence.bytes;
  }
  return true;
}

}  // namespace portrait::whatsapp
