#include "server/lookup_health.h"

#include <atomic>
#include <csignal>
#include <memory>
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

class Store final : public StoreMaintenance {
 public:
  absl::Status writes;

  absl::StatusOr<Backup> CreateBackup(const std::string&, size_t) override {
    return Backup();
  }
  absl::StatusOr<VerifyReport> VerifyBackups(const std::string&) override {
    return VerifyReport();
  }
  absl::StatusOr<VerifyReport> Verify() override { return VerifyReport(); }
  absl::Status Compact() override { return absl::OkStatus(); }
  absl::StatusOr<StoreStats> GetStats() override { return StoreStats(); }
  absl::Status CheckWrites() override { return writes; }
  void Allow() override {}
  void Cancel() override {}
};

class LookupHealthTest : public testing::Test {
 protected:
  static Availability Works() {
    return {.linked = 1, .ready = 1, .next_ready = absl::Now()};
  }
  bool IsServing(const Availability& availability) {
    sessions_.availability = availability;
    Start(absl::Minutes(1))->Stop();
    return health_.serving;
  }
  std::shared_ptr<LookupHealth> Start(absl::Duration interval) {
    return LookupHealth::Start(io_, health_, sessions_, store_, interval);
  }
  void Look(int times) {
    for (int looks = 0; looks < times; ++looks) io_.run_one();
  }

  boost::asio::io_context io_;
  Directory sessions_;
  Store store_;
  Health health_;
};

TEST_F(LookupHealthTest, ServesWhileAnAccountWorksOrSoonWill) {
  EXPECT_FALSE(IsServing({}));
  EXPECT_TRUE(IsServing(Works()));
  // The account is reconnecting, or WhatsApp asked for a pause.
  EXPECT_TRUE(
      IsServing({.linked = 1, .next_ready = absl::Now() + absl::Minutes(15)}));
}

// Each report costs every watcher a message.
TEST_F(LookupHealthTest, ReportsOnlyChanges) {
  const auto looking = Start(absl::Milliseconds(1));
  Look(5);
  EXPECT_EQ(health_.told, 1);
  sessions_.availability = Works();
  Look(5);
  EXPECT_EQ(health_.told, 2);
  EXPECT_TRUE(health_.serving);
  looking->Stop();
}

TEST_F(LookupHealthTest, DoesNotServeWhileEveryAccountIsBanned) {
  EXPECT_FALSE(
      IsServing({.linked = 2, .next_ready = absl::Now() + absl::Hours(24)}));
}

TEST_F(LookupHealthTest, DoesNotServeWhileWritesFail) {
  sessions_.availability = Works();
  const auto looking = Start(absl::Milliseconds(1));
  EXPECT_TRUE(health_.serving);
  store_.writes = absl::UnavailableError("disk full");
  Look(2);
  EXPECT_FALSE(health_.serving);
  store_.writes = absl::OkStatus();
  Look(2);
  EXPECT_TRUE(health_.serving);
  looking->Stop();
}

TEST_F(LookupHealthTest, StopsTheProcessOnceWhenOnlyARestartHelpsTheStore) {
  static std::atomic<int> signals = 0;
  // The thread that gets the signal is any of the process.
  std::signal(SIGTERM, [](int) { ++signals; });
  sessions_.availability = Works();
  store_.writes = absl::AbortedError("takes no writes any more");
  const auto looking = Start(absl::Milliseconds(1));
  EXPECT_FALSE(health_.serving);
  while (signals == 0) Look(1);  // ends with the test's time limit
  Look(5);
  EXPECT_EQ(signals, 1);
  looking->Stop();
  std::signal(SIGTERM, SIG_DFL);
}

}  // namespace
}  // namespace portrait
