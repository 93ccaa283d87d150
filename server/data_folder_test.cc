#include "server/data_folder.h"

#include <filesystem>
#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/temporary_folder.h"

namespace portrait {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class DataFolderTest : public testing::Test {
 protected:
  DataFolderTest() {
    config_.data_dir = folder_.path();
    config_.key_file = folder_.path() + "/portrait.key";
  }

  void MakeKeyAndToken() {
    std::ofstream(config_.key_file) << "key";
    std::ofstream(AdminTokenFile(config_)) << "token";
  }

  const TemporaryFolder folder_;
  Config config_;
};

TEST_F(DataFolderTest, TheFirstStartCreatesTheStoreAndLaterStartsOpenIt) {
  EXPECT_TRUE(OpenStores(config_).ok());
  MakeKeyAndToken();
  EXPECT_TRUE(OpenStores(config_).ok());
}

// The state of a data folder whose store's disk is not mounted.
TEST_F(DataFolderTest, AMissingStoreIsNotReplacedUnlessConfigured) {
  MakeKeyAndToken();
  std::filesystem::create_directory(StoreFolder(config_));
  const absl::Status status = OpenStores(config_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr(StoreFolder(config_)), HasSubstr("--new-store")));
  EXPECT_TRUE(std::filesystem::is_empty(StoreFolder(config_)));
  std::string token;
  std::ifstream(AdminTokenFile(config_)) >> token;
  EXPECT_EQ(token, "token");
  config_.new_store = true;
  EXPECT_TRUE(OpenStores(config_).ok());
}

}  // namespace
}  // namespace portrait
