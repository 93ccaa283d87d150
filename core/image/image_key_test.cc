#include "core/image/image_key.h"

#include <sys/stat.h>

#include "core/base/files.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/temporary_folder.h"

namespace portrait {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string kSha256(32, 'h');

ImageKey KeyOf(char c) { return ImageKey(Secret(std::string(32, c))); }

TEST(ImageKeyTest, WithoutAKeyImagesAreStoredAsTheyAreUnderTheirHash) {
  const ImageKey none;
  EXPECT_FALSE(none.seals());
  EXPECT_EQ(none.Seal("name", "image"), "image");
  EXPECT_EQ(*none.Open("name", "image"), "image");
  EXPECT_EQ(none.BlobName(kSha256).substr(0, 4), "6868");
}

TEST(ImageKeyTest, ASealedImageOpensUnderItsKeyAndItsNameOnly) {
  const ImageKey key = KeyOf('k');
  const std::string sealed = key.Seal("name", "a secret image");
  EXPECT_THAT(sealed, Not(HasSubstr("secret")));
  EXPECT_NE(sealed, key.Seal("name", "a secret image"));
  EXPECT_EQ(*key.Open("name", sealed), "a secret image");
  EXPECT_TRUE(absl::IsDataLoss(key.Open("other", sealed).status()));
  EXPECT_TRUE(absl::IsDataLoss(KeyOf('l').Open("name", sealed).status()));
  for (size_t cut = 0; cut < sealed.size(); ++cut) {
    EXPECT_TRUE(
        absl::IsDataLoss(key.Open("name", sealed.substr(0, cut)).status()));
  }
  std::string changed = sealed;
  changed.back() ^= 1;
  EXPECT_TRUE(absl::IsDataLoss(key.Open("name", changed).status()));
}

TEST(ImageKeyTest, NamesUnderAKeyDoNotShowTheHash) {
  EXPECT_NE(KeyOf('k').BlobName(kSha256), ImageKey().BlobName(kSha256));
  EXPECT_NE(KeyOf('k').BlobName(kSha256), KeyOf('l').BlobName(kSha256));
  EXPECT_EQ(KeyOf('k').BlobName(kSha256), KeyOf('k').BlobName(kSha256));
  EXPECT_NE(KeyOf('k').Fingerprint(), KeyOf('l').Fingerprint());
}

TEST(ImageKeyTest, AMissingFileIsMadeForItsOwnerOnlyAndReadAgain) {
  const TemporaryFolder folder;
  const std::string file = folder.path() + "/images.key";
  const auto made = ImageKey::ReadOrMake(file);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_TRUE(made->seals());
  EXPECT_EQ(ImageKey::ReadOrMake(file)->Fingerprint(), made->Fingerprint());
  struct stat info = {};
  ASSERT_EQ(stat(file.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & ACCESSPERMS, S_IRUSR | S_IWUSR);
  ASSERT_EQ(chmod(file.c_str(), 0644), 0);
  EXPECT_TRUE(absl::IsPermissionDenied(ImageKey::ReadOrMake(file).status()));
  ASSERT_EQ(chmod(file.c_str(), 0600), 0);
  const std::string line = std::string(64, 'a') + "\n";
  for (const std::string& content : {std::string("not a key"), line + line}) {
    ASSERT_TRUE(WriteFile(file, content, 0600).ok());
    EXPECT_TRUE(absl::IsInvalidArgument(ImageKey::ReadOrMake(file).status()));
  }
  ASSERT_TRUE(WriteFile(file, line, 0600).ok());
  EXPECT_EQ(ImageKey::ReadOrMake(file)->Fingerprint(),
            ImageKey(Secret(std::string(32, '\xaa'))).Fingerprint());
}

}  // namespace
}  // namespace portrait
