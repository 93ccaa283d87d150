#include "client/cli/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace portrait::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Fields = std::vector<std::string>;

struct Parsed {
  std::vector<Fields> records;
  std::vector<int64_t> lines;
  absl::Status status;
};

Parsed Parse(const std::string& text, char delimiter = ',') {
  const auto input = InputBuffer::OfText(text);
  CsvReader reader(*input, delimiter);
  Parsed parsed;
  CsvRecord record;
  while (true) {
    const absl::StatusOr<bool> more = reader.Next(&record);
    if (!more.ok()) parsed.status = more.status();
    if (!more.ok() || !*more) return parsed;
    parsed.records.push_back(record.fields);
    parsed.lines.push_back(record.line);
  }
}

TEST(CsvReaderTest, ReadsCsvAsOtherProgramsWriteIt) {
  const std::pair<std::string, std::vector<Fields>> cases[] = {
      {"", {}},
      {"a", {{"a"}}},
      {"a,b\n1,2\n", {{"a", "b"}, {"1", "2"}}},
      {"a,b\r\n1,2\r\n", {{"a", "b"}, {"1", "2"}}},
      {"a,b\r1,2", {{"a", "b"}, {"1", "2"}}},
      {"\xEF\xBB\xBF"
       "a,b\n",
       {{"a", "b"}}},
      {"\n\r\n\na\n\n\n", {{"a"}}},
      {",\n", {{"", ""}}},
      {"a,\n", {{"a", ""}}},
      {"\"\"\n", {{""}}},
      {"\"a,b\",c\n", {{"a,b", "c"}}},
      {"\"a\"\"b\"\n", {{"a\"b"}}},
      {"\"two\nlines\",c\n", {{"two\nlines", "c"}}},
      {"\"two\r\nlines\",c\r\n", {{"two\r\nlines", "c"}}},
      {"6\" pipe,c\n", {{"6\" pipe", "c"}}},
      {"\"a\"b,c\n", {{"ab", "c"}}},
      {" a , b \n", {{" a ", " b "}}},
      {"\"a\"", {{"a"}}},
      {"Ines,Öztürk\n", {{"Ines", "Öztürk"}}},
      {"caf\xE9,1\n", {{"caf\xE9", "1"}}},
  };
  for (const auto& [text, records] : cases) {
    const Parsed parsed = Parse(text);
    EXPECT_EQ(parsed.records, records) << text;
    EXPECT_EQ(parsed.status, absl::OkStatus()) << text;
  }
}

TEST(CsvReaderTest, ReadsOtherDelimiters) {
  EXPECT_THAT(Parse("a;b,c;\"d;e\"\n", ';').records,
              ElementsAre(Fields{"a", "b,c", "d;e"}));
  EXPECT_THAT(Parse("a\tb\n", '\t').records, ElementsAre(Fields{"a", "b"}));
}

TEST(CsvReaderTest, SaysOnWhichLineEachRecordBegins) {
  EXPECT_THAT(Parse("a\n\"b\nb\nb\"\n\nc\r\nd").lines, ElementsAre(1, 2, 6, 7));
}

TEST(CsvReaderTest, ErrorsNameTheLine) {
  const std::string long_field(kMaxRecordBytes + 1, 'x');
  const std::pair<std::string, std::string> cases[] = {
      {"a\nb\n\"never\nclosed\n", "line 3: the quote that opens here"},
      {absl::StrCat("a\n", long_field), "line 2: longer than 1048576 bytes"},
      {absl::StrCat("a\n\"", long_field, "\n"), "line 2: longer than"},
      {std::string("a\nb\0c\n", 6), "line 2: has a NUL byte"},
  };
  for (const auto& [text, message] : cases) {
    const Parsed parsed = Parse(text);
    EXPECT_EQ(parsed.status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(parsed.status.message()), HasSubstr(message));
  }
}

TEST(CsvReaderTest, RefusesBinaryData) {
  for (const std::string& text : {std::string("PK\x03\x04 zip")}) {
    const Parsed parsed = Parse(text);
    EXPECT_EQ(parsed.status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_TRUE(parsed.records.empty());
  }
}

TEST(CsvTest, WritesFieldsThatReadBackTheSame) {
  for (const std::string field :
       {"", "plain", "a,b", "say \"hi\"", "two\nlines", "cr\r", " space ",
        "semi;colon", "Öztürk"}) {
    std::string written;
    AppendCsvField(field, ',', &written);
    written += ",end\n";
    EXPECT_THAT(Parse(written).records, ElementsAre(Fields{field, "end"}));
  }
  std::string plain;
  AppendCsvField("+1 (310) 555-1234", ',', &plain);
  EXPECT_EQ(plain, "+1 (310) 555-1234");
}

TEST(CsvTest, SniffsTheDelimiter) {
  const std::pair<std::string, char> cases[] = {
      {"name,phone\n", ','},
      {"name;phone\na,b;1\n", ';'},
      {"name\tphone\n", '\t'},
      {"name|phone\n", '|'},
      {"phone\n+49 1,2\n", ','},
      {"\"a;b;c\",d\n", ','},
      {"", ','},
      {"\n\nname;phone\n", ';'},
  };
  for (const auto& [sample, delimiter] : cases) {
    EXPECT_EQ(SniffDelimiter(sample), delimiter) << sample;
  }
}

}  // namespace
}  // namespace portrait::cli
