// ServedImages is a server that keeps images, beside the server of a World.
#ifndef PORTRAIT_SERVER_TESTING_SERVED_IMAGES_H_
#define PORTRAIT_SERVER_TESTING_SERVED_IMAGES_H_

#include <memory>
#include <string>

#include "portrait/v1/profile_picture.grpc.pb.h"
#include "server/images.h"
#include "server/testing/service_test_world.h"

namespace portrait {

// Thread-compatible. Borrows `world`, and sets its `images` while it exists.
class ServedImages {
 public:
  // Fetches images from `cdn_origin`, too, and keeps them in folder().
  ServedImages(World& world, const std::string& cdn_origin);
  ~ServedImages();

  Images& images() { return *images_; }
  PortraitServer& server() { return *server_; }
  const std::string& folder() const { return folder_; }
  // A new client of the server.
  std::unique_ptr<v1::ProfilePictureService::Stub> NewStub() const;

 private:
  World& world_;
  const std::string folder_;
  std::unique_ptr<Images> images_;
  std::unique_ptr<PortraitServer> server_;
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_TESTING_SERVED_IMAGES_H_
