#include "core/base/json_text.h"

#include "gtest/gtest.h"

namespace portrait {
namespace {

std::string Quoted(absl::string_view text) {
  std::string json;
  AppendJsonText(text, &json);
  return json;
}

TEST(JsonTextTest, AnyTextIsOneStringOnOneLine) {
  const struct {
    absl::string_view text, json;
  } kCases[] = {
      {"", R"("")"},
      {"plain", R"("plain")"},
      {R"(a "quoted" \ word)", R"("a \"quoted\" \\ word")"},
      {"line\nbreak\t\x01", R"("line\u000abreak\u0009\u0001")"},
      {"\x7f", R"("\u007f")"},
      {absl::string_view("\0", 1), R"("\u0000")"},
      {"Zoë 🙂", R"("Zoë 🙂")"},
      {"bytes \xff", "\"(not UTF-8)\""},
  };
  for (const auto& c : kCases) EXPECT_EQ(Quoted(c.text), c.json);
}

TEST(JsonTextTest, IsAppended) {
  std::string json = "{\"name\":";
  AppendJsonText("value", &json);
  EXPECT_EQ(json, R"({"name":"value")");
}

TEST(JsonTextTest, ATimeIsUtcToTheMillisecond) {
  EXPECT_EQ(JsonTime(absl::FromUnixMillis(1'800'000'000'123)),
            "2027-01-15T08:00:00.123Z");
}

}  // namespace
}  // namespace portrait
