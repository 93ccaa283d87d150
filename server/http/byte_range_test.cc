#include "server/http/byte_range.h"

#include "gtest/gtest.h"

namespace portrait::http {
namespace {

TEST(ByteRangeTest, OneRangeOfABodyIsRead) {
  struct Case {
    absl::string_view header;
    uint64_t first, end;
  };
  const Case cases[] = {
      {"bytes=0-0", 0, 1},    {"bytes=2-5", 2, 6},
      {"bytes=2-", 2, 10},    {"bytes=2-999", 2, 10},
      {"bytes=-3", 7, 10},    {"bytes=-99", 0, 10},
      {" bytes=9-9 ", 9, 10}, {"bytes=0-99999999999999999999999", 0, 10},
  };
  for (const Case& each : cases) {
    const auto range = ParseByteRange(each.header, 10);
    ASSERT_TRUE(range.has_value()) << each.header;
    EXPECT_EQ(range->first, each.first) << each.header;
    EXPECT_EQ(range->end, each.end) << each.header;
  }
}

TEST(ByteRangeTest, ARangeBeyondTheEndIsEmpty) {
  for (const char* header : {"bytes=10-", "bytes=10-12",
                             "bytes=99999999999999999999999-", "bytes=-0"}) {
    const auto range = ParseByteRange(header, 10);
    ASSERT_TRUE(range.has_value()) << header;
    EXPECT_EQ(range->first, range->end) << header;
  }
}

TEST(ByteRangeTest, AnythingElseMeansTheWholeBody) {
  for (const char* header :
       {"", "bytes=", "bytes=-", "bytes=5-2", "bytes=a-b", "bytes=1-2,4-5",
        "bytes=0x1-2", "lines=1-2", "bytes 1-2", "bytes=1- 2", "bytes=--1"}) {
    EXPECT_FALSE(ParseByteRange(header, 10).has_value()) << header;
  }
}

}  // namespace
}  // namespace portrait::http
