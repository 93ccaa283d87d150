// Tests the choice of our columns and their names.
#include "client/cli/column_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace portrait::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> NamesOf(const std::vector<ChosenColumn>& chosen) {
  std::vector<std::string> names;
  for (const ChosenColumn& column : chosen) {
    names.push_back(column.PrefixedName());
  }
  return names;
}

TEST(ColumnChoiceTest, ColumnsHaveTheOrderAndTheNamesOfTheUser) {
  const auto chosen = ParseColumns("url=Photo URL, state,portrait_picture_id");
  ASSERT_TRUE(chosen.ok()) << chosen.status();
  EXPECT_THAT(NamesOf(*chosen), ElementsAre("Photo URL", "portrait_state",
                                            "portrait_picture_id"));
  EXPECT_EQ((*chosen)[1].PlainName(), "state");
  EXPECT_TRUE(HasColumn(*chosen, "url"));
  EXPECT_FALSE(HasColumn(*chosen, "preview_url"));
}

TEST(ColumnChoiceTest, RefusesUnknownAndRepeatedColumns) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "unknown column"},
      {"state,photo", "\"photo\"; the columns are jid, phone,"},
      {"state=a,url=a", "two columns have the name \"a\""},
      {"state,state", "two columns have the name \"portrait_state\""},
  };
  for (const auto& [text, message] : cases) {
    EXPECT_THAT(std::string(ParseColumns(text).status().message()),
                HasSubstr(message))
        << text;
  }
}

TEST(ColumnChoiceTest, OptionalColumnsAreIncludedIfRequested) {
  v1::LookupOptions options;
  EXPECT_FALSE(HasColumn(DefaultColumns(options), "preview_url"));
  EXPECT_FALSE(HasColumn(DefaultColumns(options), "shared_by"));
  EXPECT_FALSE(HasImageColumn(DefaultColumns(options)));
  options.set_size(v1::PICTURE_SIZE_BOTH);
  options.set_shared_by(true);
  EXPECT_TRUE(HasColumn(DefaultColumns(options), "preview_url"));
  EXPECT_TRUE(HasColumn(DefaultColumns(options), "shared_by"));
  EXPECT_TRUE(HasImageColumn(DefaultColumns(options, /*saves_images=*/true)));
}

TEST(ColumnChoiceTest, NoColumnOfTheCallerIsReplacedByAChosenName) {
  const auto chosen = *ParseColumns("url=photo");
  EXPECT_TRUE(CheckNames(chosen, {"phone", "name"}).ok());
  EXPECT_THAT(std::string(CheckNames(chosen, {"phone", "photo"}).message()),
              HasSubstr("the list already has a column \"photo\""));
}

}  // namespace
}  // namespace portrait::cli
