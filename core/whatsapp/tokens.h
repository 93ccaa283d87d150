// The dictionaries of the binary node form, version 3.
#ifndef PORTRAIT_CORE_WHATSAPP_TOKENS_H_
#define PORTRAIT_CORE_WHATSAPP_TOKENS_H_

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace portrait::whatsapp {

inline constexpr int kSingleTokens = 236;  // index 0 is never sent
inline constexpr int kDoubleDictionaries = 4;
inline constexpr int kDoubleTokens = 256;  // in each dictionary

// Where a word stands: dictionary -1 is the single-byte one.
struct TokenPosition {
  int dictionary;
  uint8_t index;
};

// Nothing when the word is in no dictionary. Thread-safe.
std::optional<TokenPosition> FindToken(absl::string_view word);

// Nothing when there is no such word. Thread-safe.
std::optional<absl::string_view> SingleToken(uint8_t index);
std::optional<absl::string_view> DoubleToken(int dictionary, uint8_t index);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_TOKENS_H_
