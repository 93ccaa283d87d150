// The fixture of session tests: a simulated WhatsApp, a pool with its own
// threads, and a work source that is a plain list.
#ifndef PORTRAIT_CORE_SESSION_TESTING_SESSION_POOL_TEST_FIXTURE_H_
#define PORTRAIT_CORE_SESSION_TESTING_SESSION_POOL_TEST_FIXTURE_H_

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "absl/synchronization/mutex.h"
#include "core/session/session_pool.h"
#include "core/session/testing/list_work_source.h"
#include "core/store/picture_store.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_deadline.h"
#include "tests/whatsapp_sim/simulator.h"

namespace portrait {

// Records the events. If `number` is set, the first code is passed to that
// phone, which scans it or has it typed in.
class TestObserver : public PairingObserver {
 public:
  TestObserver(sim::Simulator* simulator, std::string number)
      : simulator_(simulator), number_(std::move(number)) {}
  ~TestObserver() override { Join(); }

  void OnQrCode(const std::string& text, absl::Time expires_at) override;
  void OnPairingCode(const std::string& code, absl::Time expires_at) override;
  void OnPaired(const v1::Session& session) override;
  void OnFailed(const absl::Status& why) override;

  // The status or session of the last call; DEADLINE_EXCEEDED if it did not
  // come.
  absl::StatusOr<v1::Session> Wait();
  bool WaitForCode();
  std::string code() const;  // the last one shown

 private:
  void ShowPhone(const std::string& code,
                 std::function<absl::Status(std::string code)> phone);
  void Join();

  sim::Simulator* const simulator_;
  const std::string number_;
  std::thread phone_;  // the phone's calls block

  mutable absl::Mutex mu_;
  int codes_ ABSL_GUARDED_BY(mu_) = 0;
  std::string code_ ABSL_GUARDED_BY(mu_);
  bool ended_ ABSL_GUARDED_BY(mu_) = false;
  absl::StatusOr<v1::Session> outcome_ ABSL_GUARDED_BY(mu_) =
      absl::UnknownError("");
};

class SessionPoolTest : public ::testing::Test {
 protected:
  SessionPoolTest();
  ~SessionPoolTest() override;

  void StartSimulator(sim::Simulator::Options options = {});
  // Rates are unlimited, unless `options_` was changed.
  void StartPool();
  void StopPool();
  // Pairs by QR code and waits until the session works.
  v1::Session Pair(const std::string& name, const std::string& number);
  v1::Session WaitForState(const std::string& name, v1::SessionState state);
  static bool WaitFor(const std::function<bool()>& condition,
                      absl::Duration timeout = kTestDeadline);

  sim::v1::Account AccountOf(const std::string& number);
  sim::v1::GetStatsResponse Stats() { return simulator_->control().GetStats(); }
  void SetFaults(const sim::v1::SetFaultsRequest& faults);
  // Compares the observation with the directory.
  void ExpectRight(const std::string& number, const Observation& seen);

  const TemporaryFolder folder_;
  std::unique_ptr<sim::Simulator> simulator_;
  sim::Simulator::Endpoints endpoints_;
  Stores stores_ = NewMemoryStores();
  ListWorkSource work_;
  SessionOptions options_;
  std::unique_ptr<SealedSessions> sealed_;
  std::unique_ptr<SessionPool> pool_;

 private:
  std::unique_ptr<boost::asio::io_context> io_;
  std::unique_ptr<
      boost::asio::executor_work_guard<boost::asio::io_context::executor_type>>
      keep_running_;
  std::vector<std::thread> threads_;
};

// Tasks for `count` numbers, starting with `first`.
std::vector<ContactTask> TasksFor(uint64_t first, size_t count,
                                  UrlNeed full_url);

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_TESTING_SESSION_POOL_TEST_FIXTURE_H_
