// The dictionaries of the binary node format, version 3.
#ifndef PORTRAIT_CORE_WHATSAPP_TOKENS_H_
#define PORTRAIT_CORE_WHATSAPP_TOKENS_H_

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace portrait::whatsapp {

inline constexpr int kSingleTokens = 236;  // index 0 is never sent
inline constexpr int kDoubleDictionaries = 4;
inline constexpr int kDoubleTokens = 256;  // in each dictionary

// The position of a word; dictionary -1 has the single-byte words.
struct TokenPosition {
  int dictionary;
  uint8_t index;
};

// Returns nothing if no dictionary has the word. Thread-safe.
std::optional<TokenPosition> FindToken(absl::string_view word);

// Both return nothing if there is no such word. Thread-safe.
std::optional<absl::string_view> SingleToken(uint8_t index);
std::optional<absl::string_view> DoubleToken(int dictionary, uint8_t index);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_TOKENS_H_
