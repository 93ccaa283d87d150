#include "server/testing/served_images.h"

#include <utility>

#include "gtest/gtest.h"

namespace portrait {

ServedImages::ServedImages(World& world, const std::string& cdn_origin)
    : world_(world), folder_(world.folder.path() + "/images") {
  ImageOptions options;
  options.place = folder_;
  options.fetcher.extra_origin = cdn_origin;
  auto images = Images::Open(options, *world_.stores.pictures,
                             *world_.stores.images, *world_.sessions,
                             *world_.engine, *world_.changes, world_.metrics);
  EXPECT_TRUE(images.ok()) << images.status();
  images_ = *std::move(images);
  world_.images = images_.get();
  server_ = world_.Serve();
}

ServedImages::~ServedImages() {
  server_.reset();
  world_.images = nullptr;
}

std::unique_ptr<v1::ProfilePictureService::Stub> ServedImages::NewStub() const {
  return v1::ProfilePictureService::NewStub(grpc::CreateChannel(
      server_->address(), grpc::InsecureChannelCredentials()));
}

}  // namespace portrait
