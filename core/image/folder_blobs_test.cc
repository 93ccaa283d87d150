#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "core/image/blob_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/temporary_folder.h"

namespace portrait {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string NameOf(absl::string_view start) {
  return absl::StrCat(start, std::string(kBlobNameDigits - start.size(), '0'));
}

std::vector<std::string> NamesAfter(BlobStore& blobs, absl::string_view after,
                                    size_t limit) {
  const auto listed = blobs.List(after, limit);
  EXPECT_TRUE(listed.ok()) << listed.status();
  return listed.value_or(std::vector<std::string>());
}

class FolderBlobsTest : public testing::Test {
 protected:
  std::unique_ptr<BlobStore> Open(size_t reserved_bytes = 0) {
    auto blobs = OpenFolderBlobs({folder_.path() + "/images", reserved_bytes});
    EXPECT_TRUE(blobs.ok()) << blobs.status();
    return *std::move(blobs);
  }

  TemporaryFolder folder_;
};

TEST_F(FolderBlobsTest, ReturnsWhatWasStoredUntilItIsDeleted) {
  const auto blobs = Open();
  const std::string name = NameOf("abcd");
  EXPECT_TRUE(absl::IsNotFound(blobs->Get(name).status()));
  ASSERT_TRUE(blobs->Put(name, "bytes").ok());
  ASSERT_TRUE(blobs->Put(name, "other bytes").ok());
  EXPECT_EQ(*blobs->Get(name), "other bytes");
  EXPECT_TRUE(
      std::filesystem::exists(folder_.path() + "/images/ab/cd/" + name));
  ASSERT_TRUE(blobs->Delete(name).ok());
  ASSERT_TRUE(blobs->Delete(name).ok());
  EXPECT_TRUE(absl::IsNotFound(blobs->Get(name).status()));
}

TEST_F(FolderBlobsTest, OnlyTheOwnerMayReadTheFiles) {
  const auto blobs = Open();
  const std::string name = NameOf("abcd");
  ASSERT_TRUE(blobs->Put(name, "bytes").ok());
  for (const std::string& path :
       {std::string("/images"), "/images/ab/cd/" + name}) {
    struct stat info = {};
    ASSERT_EQ(stat((folder_.path() + path).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & (S_IRWXG | S_IRWXO), 0u) << path;
  }
}

TEST_F(FolderBlobsTest, ListsInTheOrderOfNamesAndInPieces) {
  const auto blobs = Open();
  for (const char* start : {"ffff", "00aa", "00ab", "0100"}) {
    ASSERT_TRUE(blobs->Put(NameOf(start), "x").ok());
  }
  EXPECT_THAT(NamesAfter(*blobs, "", 100),
              ElementsAre(NameOf("00aa"), NameOf("00ab"), NameOf("0100"),
                          NameOf("ffff")));
  EXPECT_THAT(NamesAfter(*blobs, NameOf("00aa"), 1),
              ElementsAre(NameOf("00ab")));
  EXPECT_THAT(NamesAfter(*blobs, NameOf("ffff"), 100), IsEmpty());
}

TEST_F(FolderBlobsTest, HalfWrittenFilesOfAKilledProcessAreRemoved) {
  { const auto blobs = Open(); }
  const std::string left = folder_.path() + "/images/incoming/" + NameOf("ab");
  std::ofstream(left) << "half";
  const auto blobs = Open();
  EXPECT_FALSE(std::filesystem::exists(left));
  EXPECT_THAT(NamesAfter(*blobs, "", 10), IsEmpty());
}

TEST_F(FolderBlobsTest, LeavesTheReservedSpaceToOthers) {
  const auto blobs = Open(/*reserved_bytes=*/size_t{1} << 60);
  const absl::Status full = blobs->Put(NameOf("ab"), "x");
  EXPECT_TRUE(absl::IsResourceExhausted(full)) << full;
  EXPECT_THAT(NamesAfter(*blobs, "", 10), IsEmpty());
}

TEST_F(FolderBlobsTest, AWriteThatFailsLeavesNoFileBehind) {
  const auto blobs = Open();
  rlimit before = {};
  getrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, SIG_IGN);
  const absl::Cleanup restore = [&] { setrlimit(RLIMIT_FSIZE, &before); };
  const rlimit small = {1000, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  const absl::Status full = blobs->Put(NameOf("ab"), std::string(5000, 'x'));
  EXPECT_TRUE(absl::IsResourceExhausted(full)) << full;
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path() + "/images/incoming"));
  EXPECT_THAT(NamesAfter(*blobs, "", 10), IsEmpty());
}

}  // namespace
}  // namespace portrait
