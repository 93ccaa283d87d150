#include "core/whatsapp/tokens.h"

#include "absl/container/flat_hash_map.h"

namespace portrait::whatsapp {
namespace {

#include "core/whatsapp/tokens_data.inc"

using TokenIndex = absl::flat_hash_map<absl::string_view, TokenPosition>;

const TokenIndex& Index() {
  static const TokenIndex* const index = [] {
    auto* words = new TokenIndex();
    words->reserve(kSingleTokens + kDoubleDictionaries * kDoubleTokens);
    for (int i = 1; i < kSingleTokens; ++i) {
      words->emplace(kSingleWords[i],
                     TokenPosition{-1, static_cast<uint8_t>(i)});
    }
    for (int dictionary = 0; dictionary < kDoubleDictionaries; ++dictionary) {
      for (int i = 0; i < kDoubleTokens; ++i) {
        words->emplace(kDoubleWords[dictionary][i],
                       TokenPosition{dictionary, static_cast<uint8_t>(i)});
      }
    }
    return words;
  }();
  return *index;
}

}  // namespace

std::optional<TokenPosition> FindToken(absl::string_view word) {
  const auto found = Index().find(word);
  if (found == Index().end()) return std::nullopt;
  return found->second;
}

std::optional<absl::string_view> SingleToken(uint8_t index) {
  if (index == 0 || index >= kSingleTokens) return std::nullopt;
  return kSingleWords[index];
}

std::optional<absl::string_view> DoubleToken(int dictionary, uint8_t index) {
  if (dictionary < 0 || dictionary >= kDoubleDictionaries) return std::nullopt;
  return kDoubleWords[dictionary][index];
}

}  // namespace portrait::whatsapp
