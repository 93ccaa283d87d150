#include "core/whatsapp/tokens.h"

#include "gtest/gtest.h"
#include "tests/support/vectors.h"

namespace portrait::whatsapp {
namespace {

using ::portrait::testing::Json;
using ::portrait::testing::ReadJsonFile;
using ::portrait::testing::TestDataDirectory;

TEST(TokensTest, AreTheWordsOfDictionaryVersionThree) {
  const Json tokens = ReadJsonFile(TestDataDirectory() + "/tokens.json");
  const std::vector<Json>& single = tokens["single"].items;
  ASSERT_EQ(single.size(), kSingleTokens);
  for (int i = 1; i < kSingleTokens; ++i) {
    SCOPED_TRACE(i);
    EXPECT_EQ(SingleToken(i), single[i].text);
    const std::optional<TokenPosition> found = FindToken(single[i].text);
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->dictionary, -1);
    EXPECT_EQ(found->index, i);
  }
  const std::vector<Json>& dictionaries = tokens["double"].items;
  ASSERT_EQ(dictionaries.size(), kDoubleDictionaries);
  for (int dictionary = 0; dictionary < kDoubleDictionaries; ++dictionary) {
    const std::vector<Json>& words = dictionaries[dictionary].items;
    ASSERT_EQ(words.size(), kDoubleTokens);
    for (int i = 0; i < kDoubleTokens; ++i) {
      EXPECT_EQ(DoubleToken(dictionary, i), words[i].text);
      const std::optional<TokenPosition> found = FindToken(words[i].text);
      ASSERT_TRUE(found.has_value());
      EXPECT_EQ(found->dictionary, dictionary);
      EXPECT_EQ(found->index, i);
    }
  }
}

TEST(TokensTest, KnowsNoOtherWords) {
  EXPECT_FALSE(FindToken("").has_value());
  EXPECT_FALSE(FindToken("no-such-word").has_value());
  EXPECT_FALSE(SingleToken(0).has_value());
  EXPECT_FALSE(SingleToken(236).has_value());
  EXPECT_FALSE(DoubleToken(4, 0).has_value());
  EXPECT_FALSE(DoubleToken(-1, 0).has_value());
}

}  // namespace
}  // namespace portrait::whatsapp
