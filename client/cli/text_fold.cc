#include "client/cli/text_fold.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

namespace portrait::cli {
namespace {

icu::UnicodeString FromUtf8(absl::string_view text) {
  return icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
}

bool IsAscii(absl::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x80) return false;
  }
  return true;
}

}  // namespace

std::string FoldText(absl::string_view text) {
  UErrorCode error = U_ZERO_ERROR;
  const auto* folding = icu::Normalizer2::getNFKCCasefoldInstance(error);
  const auto* splitting = icu::Normalizer2::getNFDInstance(error);
  if (U_FAILURE(error)) return std::string(text);
  const icu::UnicodeString folded =
      splitting->normalize(folding->normalize(FromUtf8(text), error), error);
  if (U_FAILURE(error)) return std::string(text);
  icu::UnicodeString bare;
  for (int32_t i = 0; i < folded.length(); i = folded.moveIndex32(i, 1)) {
    const UChar32 c = folded.char32At(i);
    const bool accent = c >= 0x300 && c <= 0x36F;
    if (!accent) bare.append(c);
  }
  // Letters of other scripts are composed again.
  const auto* composing = icu::Normalizer2::getNFCInstance(error);
  std::string result;
  (U_SUCCESS(error) ? composing->normalize(bare, error) : bare)
      .toUTF8String(result);
  return result;
}

std::string AsciiSigns(absl::string_view text) {
  if (IsAscii(text)) return std::string(text);
  const icu::UnicodeString written = FromUtf8(text);
  icu::UnicodeString signs;
  for (int32_t i = 0; i < written.length(); i = written.moveIndex32(i, 1)) {
    const UChar32 c = written.char32At(i);
    const int8_t category = u_charType(c);
    const int32_t digit = u_charDigitValue(c);
    if (category == U_FORMAT_CHAR) continue;
    if (digit >= 0) {
      signs.append(static_cast<UChar32>('0' + digit));
    } else if (category == U_DASH_PUNCTUATION || c == 0x2212) {
      signs.append(static_cast<UChar32>('-'));
    } else if (category == U_SPACE_SEPARATOR) {
      signs.append(static_cast<UChar32>(' '));
    } else if (c > 0xFF00 && c < 0xFF5F) {  // full-width ASCII
      signs.append(c - 0xFF00 + 0x20);
    } else {
      signs.append(c);
    }
  }
  std::string result;
  signs.toUTF8String(result);
  return result;
}

}  // namespace portrait::cli
