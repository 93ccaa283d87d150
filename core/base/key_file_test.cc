#include "core/base/key_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/temporary_folder.h"

namespace portrait {
namespace {

using ::testing::HasSubstr;

const std::string kLine = std::string(2 * kSealKeyBytes, 'a');

class KeyFileTest : public ::testing::Test {
 protected:
  void Write(const std::string& content, mode_t mode) {
    std::ofstream(path_) << content;
    ASSERT_EQ(chmod(path_.c_str(), mode), 0);
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_.path() + "/seal.key";
};

TEST_F(KeyFileTest, IsPrivateToItsOwnerAndReadsAsWritten) {
  SealKeys keys = MakeSealKeys();
  keys.former.push_back(MakeSealKeys().current);
  ASSERT_TRUE(WriteKeyFile(path_, keys).ok());
  struct stat status = {};
  ASSERT_EQ(stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  const auto read = ReadKeyFile(path_);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->current.size(), kSealKeyBytes);
  EXPECT_EQ(read->current.view(), keys.current.view());
  ASSERT_EQ(read->former.size(), 1u);
  EXPECT_EQ(read->former[0].view(), keys.former[0].view());
  // No temporary file is left.
  EXPECT_EQ(
      std::distance(std::filesystem::directory_iterator(folder_.path()), {}),
      1);
}

TEST_F(KeyFileTest, IsReadInEitherCaseAndWithWhiteSpace) {
  Write(absl::StrCat("\n  ", std::string(2 * kSealKeyBytes, 'F'), " \r\n\n"),
        0600);
  const auto read = ReadKeyFile(path_);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->current.view(), std::string(kSealKeyBytes, '\xFF'));
}

TEST_F(KeyFileTest, IsRefusedIfItsContentIsNotKeys) {
  std::string too_many;
  for (size_t i = 0; i <= kMaxSealKeys; ++i) {
    absl::StrAppend(&too_many, kLine, "\n");
  }
  for (const std::string& content :
       {std::string(), std::string("\n"), kLine.substr(1), kLine + "a",
        std::string(2 * kSealKeyBytes, 'g'), kLine + "\nno key\n",
        std::string(kSealKeyBytes, '\1'), too_many}) {
    Write(content, 0600);
    const absl::Status status = ReadKeyFile(path_).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << content;
    EXPECT_THAT(status.message(), HasSubstr(path_));
    EXPECT_THAT(status.message(), testing::Not(HasSubstr(kLine)));
  }
}

TEST_F(KeyFileTest, IsRefusedIfOtherUsersCanReadOrChangeIt) {
  for (const mode_t mode : {0640u, 0604u, 0660u, 0644u, 0620u}) {
    Write(kLine, mode);
    const absl::Status status = ReadKeyFile(path_).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
    EXPECT_THAT(status.message(), HasSubstr("chmod 600"));
  }
  Write(kLine, 0400);
  EXPECT_TRUE(ReadKeyFile(path_).ok());
}

TEST_F(KeyFileTest, AnErrorNamesTheFile) {
  const std::string path = folder_.path() + "/missing/seal.key";
  const absl::Status missing = ReadKeyFile(path).status();
  EXPECT_EQ(missing.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(missing.message(), HasSubstr(path));
  const absl::Status unmade = WriteKeyFile(path, MakeSealKeys());
  EXPECT_FALSE(unmade.ok());
  EXPECT_THAT(unmade.message(), HasSubstr(path));
}

}  // namespace
}  // namespace portrait
