#include "client/cli/cell_reader.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace portrait::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

struct Case {
  const char* written;
  const char* country;
  const char* asked;
};

TEST(CellReaderTest, ReadsTheSameNumberAsTheServer) {
  const Case cases[] = {
      {"0712 989702", "KE", "+254712989702"},
      {"051 250 9728", "SA", "+966512509728"},
      {"222 157 9338", "mx", "+522221579338"},
      {"(201) 502-6512", "US", "+12015026512"},
      {"12015026512", "US", "+12015026512"},
      {"447400852443", "GB", "+447400852443"},
      {"0049 151 12345678", "DE", "+4915112345678"},
      {"+4915112345678", "US", "+4915112345678"},
      {"13105551234@c.us", "US", "13105551234@s.whatsapp.net"},
      {"4915112345678.0", "DE", "+4915112345678"},
      {"3331234568.0", "IT", "+393331234568"},
  };
  for (const Case& one : cases) {
    const CellReading read = ReadCell(one.written, one.country);
    EXPECT_EQ(read.asked, one.asked) << one.written << " " << one.country;
    EXPECT_EQ(read.refusal, "") << one.written << " " << one.country;
  }
}

TEST(CellReaderTest, RefusesAnAmbiguousCellWithTheReason) {
  const Case cases[] = {
      {"49151.23E+06", "DE", ""}, {"call me", "DE", ""}, {"12", "DE", ""},
      {"0712 989702", "", ""},    {"", "DE", ""},
  };
  for (const Case& one : cases) {
    const CellReading read = ReadCell(one.written, one.country);
    EXPECT_EQ(read.asked, "") << one.written << " " << one.country;
    EXPECT_NE(read.refusal, "") << one.written << " " << one.country;
    EXPECT_NE(read.refusal_kind, "") << one.written << " " << one.country;
  }
}

TEST(CellReaderTest, RefusesSeveralNumbersAndNamesTheFlagThatDividesThem) {
  const CellReading read = ReadCell("+4915112345678 ::: +4915112345679", "DE");
  EXPECT_EQ(read.asked, "");
  EXPECT_THAT(read.refusal, HasSubstr("--split-cells"));
  EXPECT_THAT(ReadCell("+4915112345678\n+4915112345679", "").refusal,
              HasSubstr("--split-cells"));
  // The flag would not help here.
  for (const char* cell :
       {"+41 79 123 45 67/68", "+4915112345682 oder +49302345682"}) {
    EXPECT_EQ(ReadCell(cell, "").refusal_kind, "several_numbers") << cell;
    EXPECT_THAT(ReadCell(cell, "").refusal, Not(HasSubstr("--split-cells")));
    EXPECT_EQ(SplitCell(cell, "").size(), 1u) << cell;
  }
}

TEST(CellReaderTest, DividesACellOnlyWhereEachPartIsANumber) {
  EXPECT_THAT(SplitCell("+4915112345678 ::: 0151 12345679", "DE"),
              ElementsAre("+4915112345678", "0151 12345679"));
  EXPECT_THAT(SplitCell("+4915112345678\n+4915112345679", ""),
              ElementsAre("+4915112345678", "+4915112345679"));
  EXPECT_THAT(SplitCell("+4915112345678; +4915112345679", ""),
              ElementsAre("+4915112345678", "+4915112345679"));
  EXPECT_THAT(SplitCell("+4915112345678 / +4915112345679", ""),
              ElementsAre("+4915112345678", "+4915112345679"));
  // "/79" may mean another last digit, so the numbers are not certain.
  EXPECT_THAT(SplitCell("+4915112345678/79", ""),
              ElementsAre("+4915112345678/79"));
  EXPECT_THAT(SplitCell("030/12345678", "DE"), ElementsAre("030/12345678"));
}

TEST(CellReaderTest, ReportsTheRemovedText) {
  EXPECT_THAT(ReadCell("'+4915112345678", "").removed, Not(IsEmpty()));
  EXPECT_THAT(ReadCell("+4915112345678", "").removed, IsEmpty());
}

}  // namespace
}  // namespace portrait::cli
