// The fixture of tests of kept images: a store, a folder of blobs and a vault.
#ifndef PORTRAIT_CORE_IMAGE_TESTING_IMAGE_WORLD_H_
#define PORTRAIT_CORE_IMAGE_TESTING_IMAGE_WORLD_H_

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/image/image_vault.h"
#include "core/store/picture_store.h"
#include "core/store/testing/test_observations.h"
#include "gtest/gtest.h"
#include "tests/support/temporary_folder.h"

namespace portrait {

inline StoredImage ImageOf(const std::string& jid, const std::string& id,
                           bool is_preview = false) {
  StoredImage image;
  image.set_jid(jid);
  image.set_picture_id(id);
  image.set_is_preview(is_preview);
  return image;
}

class ImageWorld {
 public:
  explicit ImageWorld(ImageKey key = {}) : stores(NewMemoryStores()) {
    OpenVault(std::move(key));
  }

  void OpenVault(ImageKey key = {}) {
    vault = nullptr;
    auto blobs = OpenFolderBlobs({folder.path() + "/images", 0});
    EXPECT_TRUE(blobs.ok()) << blobs.status();
    auto opened =
        ImageVault::Open(*stores.images, *std::move(blobs), std::move(key));
    EXPECT_TRUE(opened.ok()) << opened.status();
    if (opened.ok()) vault = *std::move(opened);
  }

  void Apply(const Observation& observation) {
    const auto applied = stores.pictures->Apply({observation});
    EXPECT_TRUE(applied.ok()) << applied.status();
  }

  StoredImage Put(const std::string& jid, const std::string& id,
                  const std::string& bytes) {
    StoredImage image = ImageOf(jid, id);
    image.set_size_bytes(static_cast<int64_t>(bytes.size()));
    const absl::Status put = vault->Put(bytes, &image);
    EXPECT_TRUE(put.ok()) << put;
    return image;
  }

  // The names of the blobs in the folder, without the owner's mark.
  std::set<std::string> Blobs() const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(
             folder.path() + "/images")) {
      const std::string name = entry.path().filename().string();
      if (entry.is_regular_file() && !absl::StartsWith(name, "0000000000")) {
        names.insert(name);
      }
    }
    return names;
  }
  // How many entries the database has about images, without the owner's.
  size_t Entries() const {
    size_t entries = 0;
    for (const char* mark : {"r", "b", "d", "l"}) {
      entries += stores.images->List(mark)->size();
    }
    return entries;
  }

  TemporaryFolder folder;
  Stores stores;
  std::unique_ptr<ImageVault> vault;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_IMAGE_TESTING_IMAGE_WORLD_H_
