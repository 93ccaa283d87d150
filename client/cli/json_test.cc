#include "client/cli/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace portrait::cli {
namespace {

TEST(JsonTest, KeepsValuesAsTheyWereWritten) {
  const auto members = ParseJsonObject(
      R"( {"id" : 12345678901234567890, "x":1.50e+3,"s":"a\"\u00e9\ud83d\ude00",)"
      R"("n":null,"o":{"a":[1,{}]},"t":true,"":"empty key"} )");
  ASSERT_TRUE(members.ok()) << members.status();
  ASSERT_EQ(members->size(), 7u);
  EXPECT_EQ((*members)[0].key, "id");
  EXPECT_EQ((*members)[0].raw, "12345678901234567890");
  EXPECT_EQ((*members)[1].raw, "1.50e+3");
  EXPECT_EQ((*members)[2].raw, R"("a\"\u00e9\ud83d\ude00")");
  EXPECT_EQ(JsonText((*members)[2].raw), "a\"é😀");
  EXPECT_EQ(JsonText((*members)[3].raw), "");
  EXPECT_EQ((*members)[4].raw, R"({"a":[1,{}]})");
  EXPECT_EQ(JsonText((*members)[5].raw), "true");
}

TEST(JsonTest, RefusesTextThatIsNotAnObject) {
  const std::string deep =
      "{\"a\":" + std::string(100, '[') + std::string(100, ']') + "}";
  for (const std::string& text :
       {std::string(""), std::string("[]"), std::string("{"),
        std::string("{\"a\"}"), std::string("{\"a\":}"),
        std::string("{\"a\":1,}"), std::string("{\"a\":01}"),
        std::string("{\"a\":1.}"), std::string("{\"a\":-}"),
        std::string("{\"a\":tru}"), std::string("{a:1}"),
        std::string("{\"a\":\"x}"), std::string("{\"a\":\"\\x\"}"),
        std::string("{\"a\":\"\\u12g4\"}"), std::string("{\"a\":\"\t\"}"),
        std::string("{\"a\":\"\xFF\"}"), std::string("{} {}"), deep}) {
    const auto members = ParseJsonObject(text);
    EXPECT_EQ(members.status().code(), absl::StatusCode::kInvalidArgument)
        << text;
  }
}

TEST(JsonTest, ReplacesHalfOfASurrogatePair) {
  EXPECT_EQ(JsonText(R"("\ud83dx")"), "\xEF\xBF\xBDx");
  EXPECT_EQ(JsonText(R"("\ude00")"), "\xEF\xBF\xBD");
}

TEST(JsonTest, QuotesAnyBytesAsValidJson) {
  EXPECT_EQ(JsonQuote("a\"\\\n\x01é"), "\"a\\\"\\\\\\n\\u0001é\"");
  EXPECT_EQ(JsonQuote("caf\xE9"), "\"caf\xEF\xBF\xBD\"");
  for (const char* text : {"", "tab\t", "quote\"", "ünï", "\x7F"}) {
    EXPECT_EQ(JsonText(JsonQuote(text)), text);
    EXPECT_TRUE(ParseJsonObject("{\"k\":" + JsonQuote(text) + "}").ok());
  }
}

}  // namespace
}  // namespace portrait::cli
