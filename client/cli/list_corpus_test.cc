// Each exported list in tests/data/lists, with the header names that address
// books, sales software and shops write in ten languages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/cli/table_reader.h"
#include "tests/support/json.h"

namespace portrait::cli {
namespace {

using ::portrait::testing::Json;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

std::string PathOf(const std::string& file) {
  return absl::StrCat(portrait::testing::TestDataDirectory(), "/lists/", file);
}

std::vector<Json> Corpus() {
  return portrait::testing::ReadJsonFile(PathOf("expected.json")).items;
}

absl::StatusOr<std::unique_ptr<TableReader>> Open(const Json& list) {
  absl::StatusOr<std::unique_ptr<InputBuffer>> input =
      InputBuffer::Open(PathOf(list["file"].text));
  if (!input.ok()) return input.status();
  return TableReader::Open(*std::move(input),
                           {.default_country = list["default_country"].text});
}

std::vector<std::string> TextsOf(const Json& array) {
  std::vector<std::string> texts;
  for (const Json& item : array.items) texts.push_back(item.text);
  return texts;
}

// The contact to look up for each row, or the kind of its refusal.
std::vector<std::string> ReadRows(TableReader& list) {
  std::vector<std::string> rows;
  InputRow row;
  while (true) {
    const absl::StatusOr<bool> more = list.Next(&row);
    EXPECT_TRUE(more.ok()) << more.status();
    if (!more.ok() || !*more) return rows;
    rows.push_back(row.refusal.empty() ? row.asked
                                       : std::string(row.refusal_kind));
  }
}

TEST(ListCorpusTest, EveryExportedListIsReadAsAPersonWould) {
  const std::vector<Json> corpus = Corpus();
  ASSERT_GE(corpus.size(), 60u);
  for (const Json& expected : corpus) {
    SCOPED_TRACE(expected["file"].text);
    const auto list = Open(expected);
    if (expected.Has("error")) {
      EXPECT_THAT(std::string(list.status().message()),
                  HasSubstr(expected["error"].text));
      continue;
    }
    ASSERT_TRUE(list.ok()) << list.status();
    EXPECT_THAT((*list)->phone_columns(),
                ElementsAreArray(TextsOf(expected["phone_columns"])));
    EXPECT_EQ((*list)->country_column(), expected["country_column"].text);
    EXPECT_THAT(ReadRows(**list), ElementsAreArray(TextsOf(expected["rows"])));
  }
}

TEST(ListCorpusTest, NoFaxNoAssistantAndNoEmergencyContactIsEverAColumn) {
  for (const Json& expected : Corpus()) {
    const auto list = Open(expected);
    if (!list.ok()) continue;
    for (const std::string& column : (*list)->phone_columns()) {
      for (const char* word :
           {"fax", "Faks", "copie", "факс", "传真", "팩스", "פקס", "ssist",
            "yudante", "asystent", "помощник", "助理", "秘書", "mergency",
            "ager", "ompany", "mpresa"}) {
        EXPECT_FALSE(absl::StrContains(column, word))
            << expected["file"].text << ": " << column;
      }
    }
  }
}

}  // namespace
}  // namespace portrait::cli
