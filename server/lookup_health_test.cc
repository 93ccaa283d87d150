#include "server/lookup_health.h"

#include <string>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "portrait/v1/profile_picture.grpc.pb.h"

namespace portrait {
namespace {

using Availability = SessionDirectory::Availability;

class Directory final : public SessionDirectory {
 public:
  Availability availability;

  Availability GetAvailability(const std::string& /*session*/) const override {
    return availability;
  }
  bool Exists(const std::string& /*session*/) const override { return true; }
  bool IsOwn(const whatsapp::Jid& /*jid*/) const override { return false; }
};

class Health final : public grpc::HealthCheckServiceInterface {
 public:
  bool serving = false;
  int told = 0;

  void SetServingStatus(const std::string& service, bool is_serving) override {
    EXPECT_EQ(service, v1::ProfilePictureService::service_full_name());
    serving = is_serving;
    ++told;
  }
  void SetServingStatus(bool /*is_serving*/) override { FAIL(); }
};

bool IsServing(const Availability& availability) {
  boost::asio::io_context io;
  Directory sessions;
  sessions.availability = availability;
  Health health;
  LookupHealth::Start(io, health, sessions, absl::Minutes(1))->Stop();
  return health.serving;
}

TEST(LookupHealthTest, ServesWhileAnAccountWorksOrSoonWill) {
  EXPECT_FALSE(IsServing({}));
  EXPECT_TRUE(IsServing({.linked = 1, .ready = 1, .next_ready = absl::Now()}));
  // The account is reconnecting, or WhatsApp asked for a pause.
  EXPECT_TRUE(
      IsServing({.linked = 1, .next_ready = absl::Now() + absl::Minutes(15)}));
}

// Each report costs every watcher a message.
TEST(LookupHealthTest, TellsOnlyOfChanges) {
  boost::asio::io_context io;
  Directory sessions;
  Health health;
  const auto looking =
      LookupHealth::Start(io, health, sessions, absl::Milliseconds(1));
  for (int looks = 0; looks < 5; ++looks) io.run_one();
  EXPECT_EQ(health.told, 1);
  sessions.availability = {
      .linked = 1, .ready = 1, .next_ready = absl::Now() - absl::Seconds(1)};
  for (int looks = 0; looks < 5; ++looks) io.run_one();
  EXPECT_EQ(health.told, 2);
  EXPECT_TRUE(health.serving);
  looking->Stop();
}

TEST(LookupHealthTest, DoesNotServeWhileEveryAccountIsBanned) {
  EXPECT_FALSE(
      IsServing({.linked = 2, .next_ready = absl::Now() + absl::Hours(24)}));
}

}  // namespace
}  // namespace portrait
