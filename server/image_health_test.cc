#include "server/image_health.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>

#include "core/image/testing/scripted_cdn.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "gtest/gtest.h"
#include "server/testing/served_images.h"
#include "server/testing/service_test_world.h"

namespace portrait {
namespace {

class ToldHealth final : public grpc::HealthCheckServiceInterface {
 public:
  void SetServingStatus(const std::string& service, bool is_serving) override {
    EXPECT_EQ(service, kImagesHealthName);
    serving_ = is_serving;
    ++told_;
  }
  void SetServingStatus(bool /*is_serving*/) override { FAIL(); }

  bool serving() const { return serving_; }
  int told() const { return told_; }

 private:
  std::atomic<bool> serving_ = false;
  std::atomic<int> told_ = 0;
};

class ImageHealthTest : public testing::Test {
 protected:
  // Runs the checks until the health is the expected one.
  bool Becomes(bool serving) {
    return WaitUntil([&] {
      io_.restart();
      io_.run_one();
      return health_.serving() == serving;
    });
  }
  std::shared_ptr<ImageHealth> Start(absl::Duration probe) {
    return ImageHealth::Start(io_, health_, images_.images(),
                              {absl::Milliseconds(1), probe, probe});
  }

  boost::asio::io_context io_;
  World world_;
  ScriptedCdn cdn_{[](const std::string&, const auto&) { return false; }};
  ServedImages images_{world_, cdn_.origin()};
  ToldHealth health_;
};

TEST_F(ImageHealthTest, ImagesAreServingWhileTheirPlaceCanBeWritten) {
  const auto health = Start(/*probe=*/absl::Milliseconds(1));
  EXPECT_TRUE(health_.serving());
  const std::string away = images_.folder() + "-away";
  std::filesystem::rename(images_.folder(), away);
  std::ofstream(images_.folder()) << "a file in its place";
  EXPECT_TRUE(Becomes(false));
  std::filesystem::remove(images_.folder());
  std::filesystem::rename(away, images_.folder());
  EXPECT_TRUE(Becomes(true));
  EXPECT_EQ(health_.told(), 3);
  health->Stop();
}

TEST_F(ImageHealthTest, AFailureOfAnotherOperationIsReportedWithoutAProbe) {
  const auto health = Start(/*probe=*/absl::Hours(1));
  images_.images().WaitForPosted();  // the first probe
  EXPECT_TRUE(health_.serving());
  std::filesystem::rename(images_.folder(), images_.folder() + "-away");
  std::ofstream(images_.folder()) << "a file in its place";
  StoredImage image;
  image.set_jid("13105551234@s.whatsapp.net");
  EXPECT_FALSE(images_.images().vault().Put("bytes", &image).ok());
  EXPECT_TRUE(Becomes(false));
  health->Stop();
}

TEST_F(ImageHealthTest, HealthChecksKnowImagesOnlyOfAServerThatKeepsThem) {
  const auto check = [](PortraitServer& server) {
    const auto stub = grpc::health::v1::Health::NewStub(grpc::CreateChannel(
        server.address(), grpc::InsecureChannelCredentials()));
    grpc::health::v1::HealthCheckRequest request;
    request.set_service(kImagesHealthName);
    grpc::health::v1::HealthCheckResponse response;
    grpc::ClientContext context;
    const grpc::Status status = stub->Check(&context, request, &response);
    return status.ok()
               ? grpc::health::v1::HealthCheckResponse::ServingStatus_Name(
                     response.status())
               : status.error_message();
  };
  EXPECT_EQ(check(images_.server()), "SERVING");
  EXPECT_NE(check(*world_.server), "SERVING");
}

}  // namespace
}  // namespace portrait
