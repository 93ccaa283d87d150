#include "core/whatsapp/name_text.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/utf8.h"
#include "gtest/gtest.h"

namespace portrait::whatsapp {
namespace {

TEST(NameTextTest, NamesInAnyScriptStayAsTheyAre) {
  for (const char* const name :
       {"", "Café Ada", "مقهى أدا", "קפה", "愛田コーヒー", "क्‍ष",
        "👩‍👩‍👧 & Co.", "a\xC2\xA0z"}) {
    EXPECT_EQ(NameText(name), name);
  }
}

TEST(NameTextTest, ControlAndDirectionCharactersAreRemoved) {
  struct Case {
    const char* name;
    const char* text;
  };
  const Case cases[] = {
      {"a\x1B[31mb\x7F", "a[31mb"},
      {"a\xC2\x9B"
       "31mb",
       "a31mb"},  // C1: CSI
      {"invoice\xE2\x80\xAE"
       "fdp.exe",
       "invoicefdp.exe"},  // U+202E
      {"\xE2\x81\xA6"
       "a\xE2\x81\xA9\xE2\x80\x8F\xD8\x9C",
       "a"},
      {"two\nlines\tand\xC2\x85more\xE2\x80\xA8.", "two lines and more ."},
      {"bad\xFF"
       "byte",
       "bad\xEF\xBF\xBD"
       "byte"},
  };
  for (const Case& each : cases) EXPECT_EQ(NameText(each.name), each.text);
  EXPECT_EQ(NameText(absl::string_view("a\0b", 3)), "ab");
}

TEST(NameTextTest, ALongNameEndsWithAWholeCharacter) {
  for (const std::string character : {"x", "é", "愛", "👧"}) {
    SCOPED_TRACE(character);
    std::string name = "n";
    while (name.size() < 60'000) name += character;
    const std::string text = NameText(name);
    EXPECT_LE(text.size(), kMaxNameBytes);
    EXPECT_GT(text.size(), kMaxNameBytes - character.size());
    EXPECT_TRUE(IsUtf8(text));
    EXPECT_EQ(text, name.substr(0, text.size()));
  }
  // Removed characters do not count.
  std::string hidden;
  for (int i = 0; i < 20'000; ++i) hidden += "\xE2\x80\xAE";
  EXPECT_EQ(NameText(absl::StrCat(hidden, "Ada")), "Ada");
}

}  // namespace
}  // namespace portrait::whatsapp
