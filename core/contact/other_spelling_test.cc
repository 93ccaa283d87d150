#include "core/contact/other_spelling.h"

#include "gtest/gtest.h"

namespace portrait {
namespace {

TEST(OtherSpellingTest, LeadsFromEachSpellingToTheOther) {
  const struct {
    const char *likelier, *other;
  } kCases[] = {
      {"5511987654321", "551187654321"},  // São Paulo: nine digits
      // The last of the area codes that got the ninth digit first.
      {"5528998765432", "552898765432"},
      {"553187654321", "5531987654321"},  // Belo Horizonte: eight
      {"559987654321", "5599987654321"},
      {"5215512345678", "525512345678"},  // Mexico
      {"5491123456789", "541123456789"},  // Argentina
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.likelier);
    const auto other = FindOtherSpelling(c.likelier);
    const auto back = FindOtherSpelling(c.other);
    ASSERT_TRUE(other.has_value() && back.has_value());
    EXPECT_EQ(other->digits, c.other);
    EXPECT_EQ(back->digits, c.likelier);
    EXPECT_FALSE(other->is_likelier);
    EXPECT_TRUE(back->is_likelier);
  }
}

TEST(OtherSpellingTest, NoOtherNumberHasOne) {
  for (const char* digits : {
           "",
           "55",
           "13105551234",
           "491711234567",
           "551132345678",    // a landline in São Paulo
           "5511332345678",   // nine digits, but not a mobile number
           "55119876543210",  // too long
           "529912345678901",
           "5205512345678",  // 13 digits, and no 1
           "5211024681357",  // no area code begins with the mark
           "5490012345678",
           "54111234567",
       }) {
    EXPECT_FALSE(FindOtherSpelling(digits).has_value()) << digits;
  }
}

}  // namespace
}  // namespace portrait
