// PictureDownloads downloads pictures from the server and saves them in a
// folder, several at a time. A file is named by its contact and the picture's
// id, such as 13105551234-1736000000.jpg, and has all of its bytes or does not
// exist.
#ifndef PORTRAIT_CLIENT_CLI_PICTURE_DOWNLOADS_H_
#define PORTRAIT_CLIENT_CLI_PICTURE_DOWNLOADS_H_

#include <cstddef>
#include <cstdint>
#include <future>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "client/portrait_client.h"
#include "core/base/fair_threads.h"
#include "core/image/leases.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/status.h"
#include "portrait/v1/profile_picture.pb.h"

namespace portrait::cli {

inline constexpr size_t kParallelDownloads = 8;

struct DownloadedPicture {
  v1::ImageMetadata metadata;
  std::string bytes;
};

// Errors: those of the call; DATA_LOSS if the image has another hash than its
// metadata, or more than 5 MiB.
grpc::Status DownloadPicture(client::PortraitClient& client,
                             const v1::DownloadProfilePictureRequest& request,
                             grpc::ClientContext& context,
                             DownloadedPicture* picture);

struct SavedPicture {
  std::string name;    // of the file in the folder
  std::string sha256;  // 64 digits
  uint64_t bytes = 0;
};

// The result of one picture's download.
struct PictureOutcome {
  grpc::Status call;  // of the download
  absl::Status file;  // of its file
  SavedPicture saved;

  bool ok() const { return call.ok() && file.ok(); }
  std::string Problem() const;  // in words; empty if ok
};

// "13105551234-1736000000.jpg". `contact` is a phone number or a JID; neither
// it nor the metadata can name a file outside of the folder. With a thumbnail's
// size, "13105551234-1736000000-96.jpg".
std::string PictureFileName(absl::string_view contact,
                            const v1::ImageMetadata& metadata,
                            uint32_t thumbnail_pixels);

// Thread-safe. The client must outlive it. The destructor waits for downloads
// under way.
class PictureDownloads {
 public:
  PictureDownloads(client::PortraitClient& client, std::string folder,
                   uint32_t thumbnail_pixels)
      : client_(client),
        folder_(std::move(folder)),
        thumbnail_pixels_(thumbnail_pixels),
        threads_(kParallelDownloads) {}

  // The current picture of a contact. The caller bounds the number of futures
  // that it holds.
  std::future<PictureOutcome> Start(const std::string& contact);
  // The picture of a result that waited for its image (IMAGE_WISH_WAIT). If the
  // folder has the file already, nothing is downloaded.
  std::future<PictureOutcome> Start(const v1::ProfilePicture& picture);

  // Ends all downloads, those under way and later ones.
  void Cancel();

 private:
  std::future<PictureOutcome> Post(std::string contact,
                                   v1::DownloadProfilePictureRequest request,
                                   v1::ImageMetadata known);
  PictureOutcome Download(const std::string& contact,
                          const v1::DownloadProfilePictureRequest& request,
                          const v1::ImageMetadata& known);
  absl::Status Save(const std::string& path, const DownloadedPicture& picture);

  client::PortraitClient& client_;
  const std::string folder_;
  const uint32_t thumbnail_pixels_;
  Leases leases_;  // of file names

  absl::Mutex mu_;
  absl::flat_hash_set<grpc::ClientContext*> running_ ABSL_GUARDED_BY(mu_);
  bool cancelled_ ABSL_GUARDED_BY(mu_) = false;

  FairThreads threads_;  // ends first
};

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_PICTURE_DOWNLOADS_H_
