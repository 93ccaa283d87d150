// A process for a test that kills it: keeps and removes images in the given
// folder from several threads, without end. Contacts share a few contents.
// Prints one byte when it begins.
#include <unistd.h>

#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/random.h"
#include "core/base/status_macros.h"
#include "core/image/image_vault.h"
#include "core/store/picture_store.h"
#include "core/store/testing/test_observations.h"

namespace portrait {
namespace {

constexpr int kWriters = 3;
constexpr uint32_t kContacts = 20, kContents = 9, kPictures = 4;

// The pictures of a contact never change, so that the janitor keeps them.
absl::Status WriteImages(PictureStore& store, ImageVault& vault) {
  while (true) {
    const std::string jid =
        absl::StrCat(1000 + RandomBelow(kContacts), "@s.whatsapp.net");
    const std::string id = absl::StrCat(1 + RandomBelow(kPictures));
    RETURN_IF_ERROR(store.Apply({Available(jid, id, 1)}).status());
    StoredImage image;
    image.set_jid(jid);
    image.set_picture_id(id);
    const std::string bytes(1000,
                            static_cast<char>('a' + RandomBelow(kContents)));
    image.set_size_bytes(static_cast<int64_t>(bytes.size()));
    RETURN_IF_ERROR(vault.Put(bytes, &image));
    if (RandomBelow(3) == 0) RETURN_IF_ERROR(vault.Remove(image));
  }
}

absl::Status Run(const std::string& folder) {
  ASSIGN_OR_RETURN(Stores stores, OpenRocksDbStores(folder + "/store", {}));
  ASSIGN_OR_RETURN(auto blobs, OpenFolderBlobs({folder + "/images", 0}));
  ASSIGN_OR_RETURN(const auto vault,
                   ImageVault::Open(*stores.images, std::move(blobs), {}));
  if (write(STDOUT_FILENO, "!", 1) != 1) return absl::UnknownError("no reader");
  std::vector<std::thread> writers;
  for (int i = 0; i < kWriters; ++i) {
    writers.emplace_back([&] {
      const absl::Status status = WriteImages(*stores.pictures, *vault);
      std::fprintf(stderr, "%s\n", status.ToString().c_str());
    });
  }
  for (std::thread& writer : writers) writer.join();
  return absl::OkStatus();
}

}  // namespace
}  // namespace portrait

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const absl::Status status = portrait::Run(argv[1]);
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return 1;
}
