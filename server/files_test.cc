#include "server/files.h"

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

TEST(FilesTest, WhatIsWrittenReplacesTheFileAndLeavesNoOther) {
  const TemporaryFolder folder;
  const std::string path = absl::StrCat(folder.path(), "/file");
  ASSERT_TRUE(WriteFile(path, "one", S_IRUSR | S_IWUSR).ok());
  ASSERT_TRUE(WriteFile(path, "two", S_IRUSR | S_IWUSR).ok());
  EXPECT_EQ(*ReadFile(path), "two");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()),
                          fs::directory_iterator()),
            1);
}

TEST(FilesTest, TheSealKeyIsMadeOnceForItsOwnerAlone) {
  const TemporaryFolder folder;
  const std::string path = absl::StrCat(folder.path(), "/portrait.key");
  const absl::StatusOr<std::string> made = ReadOrMakeSealKey(path);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->size(), kSealKeyBytes);
  EXPECT_EQ(*ReadOrMakeSealKey(path), *made);
  struct stat info = {};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST(FilesTest, AFileThatHoldsNoKeyIsLeftAlone) {
  const TemporaryFolder folder;
  const std::string path = absl::StrCat(folder.path(), "/portrait.key");
  for (const std::string& content :
       {std::string(), std::string(63, 'a'), std::string(64, 'g'),
        std::string(32, 1)}) {
    ASSERT_TRUE(WriteFile(path, content, S_IRUSR | S_IWUSR).ok());
    const absl::Status status = ReadOrMakeSealKey(path).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr(path));
    EXPECT_EQ(*ReadFile(path), content);
  }
}

TEST(FilesTest, MakesFoldersForItsOwnerAlone) {
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

TEST(FilesTest, TheReadyFileStandsUntilItsObjectGoes) {
  const TemporaryFolder folder;
  const std::string path = absl::StrCat(folder.path(), "/portraitd.json");
  {
    const auto ready = ReadyFile::Write(path, "127.0.0.1:7700", "[::1]:1");
    ASSERT_TRUE(ready.ok());
    EXPECT_EQ(*ReadFile(path),
              absl::StrCat("{\"listen\": \"127.0.0.1:7700\", \"pid\": ",
                           getpid(), ", \"metrics\": \"[::1]:1\"}\n"));
  }
  EXPECT_FALSE(fs::exists(path));
}

}  // namespace
}  // namespace portrait
