#include "core/image/image_vault.h"

#include <algorithm>
#include <fstream>
#include <thread>
#include <vector>

#include "core/base/random.h"
#include "core/image/likeness_index.h"
#include "core/image/testing/image_world.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace portrait {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class Listener final : public ImageListener {
 public:
  void OnKept(const StoredImage& image) override {
    heard.push_back("+" + image.picture_id());
  }
  void OnRemoved(const StoredImage& image) override {
    heard.push_back("-" + image.picture_id());
  }
  void OnStorage(bool works) override {
    heard.push_back(works ? "works" : "fails");
  }
  std::vector<std::string> heard;
};

TEST(ImageVaultTest, IdenticalImagesAreStoredOnce) {
  ImageWorld world;
  const StoredImage first = world.Put(kAlice, "1", "the same");
  const StoredImage second = world.Put(kBob, "2", "the same");
  EXPECT_EQ(first.blob(), second.blob());
  EXPECT_THAT(world.Blobs(), ElementsAre(first.blob()));
  EXPECT_EQ(*world.vault->Read(second), "the same");

  ASSERT_TRUE(world.vault->Remove(first).ok());
  EXPECT_EQ(*world.vault->Read(second), "the same");
  ASSERT_TRUE(world.vault->Remove(second).ok());
  EXPECT_THAT(world.Blobs(), IsEmpty());
  EXPECT_EQ(world.Entries(), 0u);
}

TEST(ImageVaultTest, AnotherImageOfTheSamePictureReplacesTheFirst) {
  ImageWorld world;
  world.Put(kAlice, "1", "first");
  const StoredImage second = world.Put(kAlice, "1", "second");
  EXPECT_THAT(world.Blobs(), ElementsAre(second.blob()));
  EXPECT_THAT(*world.vault->index().ImagesOf(kAlice), SizeIs(1));
}

TEST(ImageVaultTest, AnImageIsFoundByLikenessForAsLongAsItIsKept) {
  ImageWorld world;
  LikenessIndex likeness(*world.stores.images);
  StoredImage image = ImageOf(kAlice, "1");
  image.set_perceptual_hash(0xFF00);
  ASSERT_TRUE(world.vault->Put("first", &image).ok());
  const auto found = world.vault->index().FindSimilar(0xFF01, 1, 10);
  ASSERT_THAT(found->images, SizeIs(1));
  EXPECT_EQ(found->images[0].id.jid, kAlice);
  EXPECT_EQ(found->images[0].id.picture_id, "1");
  EXPECT_FALSE(found->images[0].id.is_preview);
  EXPECT_EQ(found->images[0].distance, 1);
  // Another image of the same picture.
  image.set_perceptual_hash(0x00FF);
  image.clear_sha256();
  ASSERT_TRUE(world.vault->Put("second", &image).ok());
  EXPECT_THAT(likeness.Find(0xFF00, 1, 10)->matches, IsEmpty());
  EXPECT_THAT(likeness.Find(0x00FF, 1, 10)->matches, SizeIs(1));
  ASSERT_TRUE(world.vault->RemoveAllOf(kAlice).ok());
  EXPECT_THAT(likeness.Find(0x00FF, 1, 10)->matches, IsEmpty());
  // A silhouette looks like all others.
  image.set_look(1);
  ASSERT_TRUE(world.vault->Put("second", &image).ok());
  EXPECT_THAT(likeness.Find(0x00FF, 1, 10)->matches, IsEmpty());
}

TEST(ImageVaultTest, AContactsImagesAreNotThoseOfALongerNumber) {
  ImageWorld world;
  const std::string longer = std::string(kAlice) + "x";
  world.Put(kAlice, "1", "first");
  world.Put(longer, "1", "second");
  ASSERT_TRUE(world.vault->RemoveAllOf(kAlice).ok());
  EXPECT_THAT(*world.vault->index().ImagesOf(kAlice), IsEmpty());
  EXPECT_THAT(*world.vault->index().ImagesOf(longer), SizeIs(1));
}

TEST(ImageVaultTest, ListenersHearOfEachImage) {
  ImageWorld world;
  Listener listener;
  world.vault->AddListener(&listener);
  world.Put(kAlice, "1", "first");
  world.Put(kAlice, "2", "second");
  ASSERT_TRUE(world.vault->RemoveAllOf(kAlice).ok());
  EXPECT_THAT(listener.heard, ElementsAre("+1", "+2", "-1", "-2"));
}

TEST(ImageVaultTest, AnImageThatWasChangedOnTheDiskIsRemoved) {
  ImageWorld world;
  const StoredImage image = world.Put(kAlice, "1", "first");
  const std::string path = world.folder.path() + "/images/" +
                           image.blob().substr(0, 2) + "/" +
                           image.blob().substr(2, 2) + "/" + image.blob();
  std::ofstream(path) << "other";
  EXPECT_TRUE(absl::IsDataLoss(world.vault->Read(image).status()));
  EXPECT_THAT(world.Blobs(), IsEmpty());
  EXPECT_EQ(world.Entries(), 0u);
}

TEST(ImageVaultTest, WithAKeyTheDiskShowsNeitherImageNorHash) {
  ImageWorld world(ImageKey(Secret(std::string(32, 'k'))));
  const StoredImage image = world.Put(kAlice, "1", "secret image");
  EXPECT_NE(image.blob(), ImageKey().BlobName(image.sha256()));
  std::string all;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(
           world.folder.path() + "/images")) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path());
    all.append(std::istreambuf_iterator<char>(file), {});
  }
  EXPECT_THAT(all, testing::Not(HasSubstr("secret")));
  EXPECT_EQ(*world.vault->Read(image), "secret image");
}

TEST(ImageVaultTest, AnotherKeyIsRefusedWhileThereAreImages) {
  ImageWorld world(ImageKey(Secret(std::string(32, 'k'))));
  const StoredImage image = world.Put(kAlice, "1", "first");
  const auto open = [&](ImageKey key) {
    auto blobs = OpenFolderBlobs({world.folder.path() + "/images", 0});
    return ImageVault::Open(*world.stores.images, *std::move(blobs),
                            std::move(key))
        .status();
  };
  EXPECT_TRUE(absl::IsFailedPrecondition(open({})));
  EXPECT_TRUE(
      absl::IsFailedPrecondition(open(ImageKey(Secret(std::string(32, 'l'))))));
  EXPECT_TRUE(open(ImageKey(Secret(std::string(32, 'k')))).ok());
  ASSERT_TRUE(world.vault->Remove(image).ok());
  EXPECT_TRUE(open({}).ok());
}

TEST(ImageVaultTest, TheFolderOfAnotherStoreIsRefused) {
  ImageWorld world;
  const Stores other = NewMemoryStores();
  auto blobs = OpenFolderBlobs({world.folder.path() + "/images", 0});
  const auto refused = ImageVault::Open(*other.images, *std::move(blobs), {});
  EXPECT_TRUE(absl::IsFailedPrecondition(refused.status()));
  EXPECT_THAT(refused.status().message(), HasSubstr("another portraitd"));
}

TEST(ImageVaultTest, AllImagesAreDeletedAtOnce) {
  ImageWorld world(ImageKey(Secret(std::string(32, 'k'))));
  world.Put(kAlice, "1", "first");
  world.Put(kBob, "2", "second");
  const auto blobs = OpenFolderBlobs({world.folder.path() + "/images", 0});
  EXPECT_EQ(*DeleteAllImages(*world.stores.images, **blobs), 2u);
  EXPECT_THAT(world.Blobs(), IsEmpty());
  EXPECT_EQ(world.Entries(), 0u);
  world.OpenVault();  // without a key
  world.Put(kAlice, "1", "first");
}

// Blobs whose writes or deletions fail when told.
class FailingBlobs final : public BlobStore {
 public:
  explicit FailingBlobs(std::unique_ptr<BlobStore> blobs)
      : blobs_(std::move(blobs)) {}
  absl::Status Put(const std::string& name, absl::string_view bytes) override {
    return fails ? Failure() : blobs_->Put(name, bytes);
  }
  absl::StatusOr<std::string> Get(const std::string& name) override {
    return blobs_->Get(name);
  }
  absl::Status Delete(const std::string& name) override {
    return fails ? Failure() : blobs_->Delete(name);
  }
  absl::StatusOr<std::vector<std::string>> List(absl::string_view after,
                                                size_t limit) override {
    return blobs_->List(after, limit);
  }
  std::atomic<bool> fails = false;

 private:
  static absl::Status Failure() { return absl::UnavailableError("503"); }
  const std::unique_ptr<BlobStore> blobs_;
};

TEST(ImageVaultTest, WithoutItsBytesNoReferenceIsStored) {
  ImageWorld world;
  auto blobs = std::make_unique<FailingBlobs>(
      *OpenFolderBlobs({world.folder.path() + "/images", 0}));
  FailingBlobs& failing = *blobs;
  const auto vault =
      *ImageVault::Open(*world.stores.images, std::move(blobs), {});
  Listener listener;
  vault->AddListener(&listener);
  failing.fails = true;
  StoredImage image = ImageOf(kAlice, "1");
  EXPECT_TRUE(absl::IsUnavailable(vault->Put("bytes", &image)));
  EXPECT_EQ(world.Entries(), 0u);
  EXPECT_THAT(listener.heard, ElementsAre("fails"));
  failing.fails = false;
  EXPECT_TRUE(vault->Put("bytes", &image).ok());
  EXPECT_THAT(listener.heard, ElementsAre("fails", "works", "+1"));
}

TEST(ImageVaultTest, ADeletionThatFailsIsMadeLater) {
  ImageWorld world;
  auto blobs = std::make_unique<FailingBlobs>(
      *OpenFolderBlobs({world.folder.path() + "/images", 0}));
  FailingBlobs& failing = *blobs;
  const auto vault =
      *ImageVault::Open(*world.stores.images, std::move(blobs), {});
  StoredImage image = ImageOf(kAlice, "1");
  ASSERT_TRUE(vault->Put("bytes", &image).ok());
  failing.fails = true;
  ASSERT_TRUE(vault->Remove(image).ok());
  EXPECT_THAT(*vault->index().ImagesOf(kAlice), IsEmpty());
  EXPECT_THAT(world.Blobs(), SizeIs(1));
  EXPECT_FALSE(vault->DeleteMarked(10).ok());
  failing.fails = false;
  EXPECT_EQ(*vault->DeleteMarked(10), 1u);
  EXPECT_THAT(world.Blobs(), IsEmpty());
  EXPECT_EQ(world.Entries(), 0u);
}

TEST(ImageVaultTest, PutAndRemoveFromManyThreadsLeaveNothingBehind) {
  ImageWorld world;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&world, t] {
      for (int i = 0; i < 40; ++i) {
        // All threads use the same three contents.
        const StoredImage image =
            world.Put(absl::StrCat(t, "@s.whatsapp.net"), absl::StrCat(i % 5),
                      absl::StrCat("content ", RandomBelow(3)));
        if (i % 2 == 0) {
          EXPECT_TRUE(world.vault->Remove(image).ok());
        } else {
          EXPECT_TRUE(world.vault->Read(image).ok());
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int t = 0; t < 4; ++t) {
    EXPECT_TRUE(
        world.vault->RemoveAllOf(absl::StrCat(t, "@s.whatsapp.net")).ok());
  }
  EXPECT_THAT(world.Blobs(), IsEmpty());
  EXPECT_EQ(world.Entries(), 0u);
}

}  // namespace
}  // namespace portrait
