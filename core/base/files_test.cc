#include "core/base/files.h"

#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/temporary_folder.h"

namespace portrait {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

TEST(FilesTest, AMissingFileOrAFolderIsAnErrorThatNamesIt) {
  const TemporaryFolder folder;
  const std::string missing = absl::StrCat(folder.path(), "/missing");
  EXPECT_EQ(ReadFile(missing).status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(ReadFile(missing).status().message()),
              HasSubstr(missing));
  EXPECT_FALSE(ReadFile(folder.path()).ok());
}

TEST(FilesTest, WritingReplacesTheFileAndLeavesNoOther) {
  const TemporaryFolder folder;
  const std::string path = absl::StrCat(folder.path(), "/file");
  ASSERT_TRUE(WriteFile(path, "one", S_IRUSR | S_IWUSR).ok());
  ASSERT_TRUE(WriteFile(path, "two", S_IRUSR | S_IWUSR).ok());
  EXPECT_EQ(*ReadFile(path), "two");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()),
                          fs::directory_iterator()),
            1);
}

TEST(FilesTest, CreatesFoldersForTheirOwnerOnly) {
  const TemporaryFolder folder;
  const std::string path = absl::StrCat(folder.path(), "/a/b");
  ASSERT_TRUE(MakeFolder(path).ok());
  ASSERT_TRUE(MakeFolder(path).ok());
  struct stat info = {};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
  const std::string file = absl::StrCat(path, "/file");
  ASSERT_TRUE(WriteFile(file, "", S_IRUSR).ok());
  EXPECT_FALSE(MakeFolder(file).ok());
  EXPECT_FALSE(MakeFolder(absl::StrCat(file, "/below")).ok());
}

}  // namespace
}  // namespace portrait
