#include "client/cli/resume.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/table_shape.h"
#include "tests/support/temporary_folder.h"

namespace portrait::cli {
namespace {

using ::testing::HasSubstr;

constexpr char kCsvList[] =
    "name,phone,note\n"
    "Ann,+4915112345678,plain\n"
    "\"B, Bob\",+4915112345679,\"two\nlines, \"\"quoted\"\"\"\n"
    "Ünï,,\n";
constexpr char kJsonList[] =
    "{\"phone\":\"+4915112345678\",\"n\":1.50}\n"
    "{\"phone\":\"+4915112345679\",\"s\":\"a\\u00e9\"}\n"
    "{}\n";

std::unique_ptr<TableReader> OpenList(const std::string& text) {
  auto list = TableReader::Open(InputBuffer::OfText(text), {});
  EXPECT_TRUE(list.ok()) << list.status();
  return *std::move(list);
}

RowEncoder EncoderOf(const TableReader& list, OutputFormat format) {
  return RowEncoder(format, list.format(), list.columns(),
                    RowEncoder::Style{.delimiter = list.delimiter()});
}

// The header, if any, and each record of the finished output.
std::vector<std::string> FinishedOutput(const std::string& text,
                                        OutputFormat format) {
  const auto list = OpenList(text);
  const RowEncoder encoder = EncoderOf(*list, format);
  std::vector<std::string> parts = {encoder.Header()};
  v1::EnrichResult result;
  result.mutable_error()->set_reason(v1::ERROR_REASON_UPSTREAM_ERROR);
  result.mutable_error()->set_message("said \"no\",\nthen nothing");
  InputRow row;
  while (*list->Next(&row)) {
    std::string record = *encoder.Begin(row);
    encoder.Finish(result, &record);
    parts.push_back(record);
  }
  return parts;
}

class ResumeTest : public ::testing::Test {
 protected:
  absl::StatusOr<ResumePoint> Find(const std::string& list_text,
                                   OutputFormat format,
                                   const std::string& written) {
    std::ofstream(path_, std::ios::binary) << written;
    list_ = OpenList(list_text);
    return FindResumePoint(path_, EncoderOf(*list_, format), *list_);
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_.path() + "/output";
  std::unique_ptr<TableReader> list_;
};

TEST_F(ResumeTest, FindsTheLastCompleteRecordWhereverTheOutputIsCut) {
  for (const auto& [list, format] :
       {std::pair(kCsvList, OutputFormat::kCsv),
        std::pair(kCsvList, OutputFormat::kJsonLines),
        std::pair(kJsonList, OutputFormat::kJsonLines)}) {
    const std::vector<std::string> parts = FinishedOutput(list, format);
    const std::string whole =
        absl::StrCat(parts[0], parts[1], parts[2], parts[3]);
    for (size_t cut = 0; cut <= whole.size(); ++cut) {
      SCOPED_TRACE(absl::StrCat("cut after byte ", cut));
      uint64_t rows = 0;
      uint64_t bytes = 0;  // 0 if the header is incomplete
      if (cut >= parts[0].size()) {
        bytes = parts[0].size();
        while (rows < 3 && bytes + parts[rows + 1].size() <= cut) {
          bytes += parts[++rows].size();
        }
      }
      const auto point = Find(list, format, whole.substr(0, cut));
      ASSERT_TRUE(point.ok()) << point.status();
      EXPECT_EQ(point->rows, rows);
      EXPECT_EQ(point->bytes, bytes);
      // The list continues with the first row that has no record.
      uint64_t left = point->next_row.has_value() ? 1 : 0;
      InputRow row;
      while (*list_->Next(&row)) ++left;
      EXPECT_EQ(rows + left, 3u);
    }
  }
}

TEST_F(ResumeTest, StartsAtTheFirstRowWithoutAnOutput) {
  list_ = OpenList(kCsvList);
  const auto point = FindResumePoint(
      "/nowhere/out.csv", EncoderOf(*list_, OutputFormat::kCsv), *list_);
  ASSERT_TRUE(point.ok());
  EXPECT_EQ(point->rows, 0u);
  EXPECT_EQ(point->bytes, 0u);
}

TEST_F(ResumeTest, RefusesAnOutputOfAnotherListAndLeavesItUnchanged) {
  const std::vector<std::string> parts =
      FinishedOutput(kCsvList, OutputFormat::kCsv);
  const std::pair<std::string, std::string> cases[] = {
      {"something else", "columns"},
      {"name,phone\nAnn,+49\n", "columns"},
      {absl::StrCat(parts[0], parts[2]),
       "its row 1 does not match the list's line 2"},
      {absl::StrCat(parts[0], "Zoe,"),
       "its row 1 does not match the list's line 2"},
      {absl::StrCat(parts[0], parts[1], parts[2], parts[3], parts[3]),
       "more rows than the list"},
  };
  for (const auto& [written, message] : cases) {
    const auto point = Find(kCsvList, OutputFormat::kCsv, written);
    EXPECT_EQ(point.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(point.status().message()), HasSubstr(message));
  }
  EXPECT_FALSE(Find(kJsonList, OutputFormat::kJsonLines, "{\"x\":1}").ok());
}

TEST(RowEncoderTest, KeepsEveryColumnAndAppendsOurs) {
  const auto parts = FinishedOutput(kCsvList, OutputFormat::kCsv);
  EXPECT_THAT(parts[0], HasSubstr("name,phone,note,portrait_jid,"));
  EXPECT_THAT(parts[2], HasSubstr("\"B, Bob\",+4915112345679,\"two\nlines, "
                                  "\"\"quoted\"\"\","));
  const auto json = FinishedOutput(kJsonList, OutputFormat::kJsonLines);
  EXPECT_THAT(json[1], HasSubstr("{\"phone\":\"+4915112345678\",\"n\":1.50,"
                                 "\"portrait\":{\"state\":\"error\""));
}

TEST(RowEncoderTest, ReplacesTheColumnsOfAnEarlierRun) {
  const auto list = OpenList("phone,portrait_state\n+4915112345678,old\n");
  const RowEncoder encoder = EncoderOf(*list, OutputFormat::kCsv);
  EXPECT_THAT(encoder.Header(), HasSubstr("phone,portrait_jid,"));
  InputRow row;
  ASSERT_TRUE(*list->Next(&row));
  EXPECT_EQ(*encoder.Begin(row), "+4915112345678,");
}

TEST(RowEncoderTest, KeepsTheListsDelimiter) {
  const auto parts =
      FinishedOutput("a;phone\n1,5;+4915112345678\n", OutputFormat::kCsv);
  EXPECT_THAT(parts[0], HasSubstr("a;phone;portrait_jid;"));
  EXPECT_THAT(parts[1], HasSubstr("1,5;+4915112345678;"));
}

TEST(RowEncoderTest, SaysWhenAnObjectDoesNotFitTheCsv) {
  std::string text;
  for (size_t i = 0; i < kSampleRows; ++i) {
    text += "{\"phone\":\"+4915112345678\"}\n";
  }
  text += "{\"phone\":\"+4915112345679\",\"s\":1}\n";
  const auto list = OpenList(text);
  const RowEncoder encoder = EncoderOf(*list, OutputFormat::kCsv);
  InputRow row;
  for (size_t i = 0; i < kSampleRows; ++i) {
    ASSERT_TRUE(*list->Next(&row));
    EXPECT_TRUE(encoder.Begin(row).ok());
  }
  ASSERT_TRUE(*list->Next(&row));
  EXPECT_THAT(std::string(encoder.Begin(row).status().message()),
              HasSubstr("line 1001: \"s\""));
}

}  // namespace
}  // namespace portrait::cli
