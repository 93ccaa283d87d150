#include "core/session/testing/session_pool_test_fixture.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "tests/support/eventually.h"
#include "tests/support/test_deadline.h"

namespace portrait {

namespace asio = boost::asio;

void TestObserver::OnQrCode(const std::string& text, absl::Time) {
  ShowPhone(text, [this](const std::string& code) {
    return simulator_->control().ScanQrCode(code, number_).status();
  });
}

void TestObserver::OnPairingCode(const std::string& code, absl::Time) {
  ShowPhone(code, [this](const std::string& typed) {
    return simulator_->control().EnterPairingCode(typed, number_).status();
  });
}

void TestObserver::ShowPhone(
    const std::string& code,
    std::function<absl::Status(std::string code)> phone) {
  absl::MutexLock lock(&mu_);
  code_ = code;
  if (++codes_ > 1 || number_.empty()) return;
  phone_ = std::thread([code, phone = std::move(phone)] {
    const absl::Status status = phone(code);
    EXPECT_TRUE(status.ok()) << status;
  });
}

std::string TestObserver::code() const {
  absl::MutexLock lock(&mu_);
  return code_;
}

void TestObserver::OnPaired(const v1::Session& session) {
  absl::MutexLock lock(&mu_);
  EXPECT_FALSE(ended_);
  ended_ = true;
  outcome_ = session;
}

void TestObserver::OnFailed(const absl::Status& why) {
  absl::MutexLock lock(&mu_);
  EXPECT_FALSE(ended_);
  ended_ = true;
  outcome_ = why;
}

absl::StatusOr<v1::Session> TestObserver::Wait() {
  absl::MutexLock lock(&mu_);
  if (!mu_.AwaitWithTimeout(absl::Condition(&ended_), kTestDeadline)) {
    return absl::DeadlineExceededError("the pairing did not end");
  }
  return outcome_;
}

bool TestObserver::WaitForCode() {
  absl::MutexLock lock(&mu_);
  const auto shown = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return codes_ > 0;
  };
  return mu_.AwaitWithTimeout(absl::Condition(&shown), kTestDeadline);
}

void TestObserver::Join() {
  if (phone_.joinable()) phone_.join();
}

// ---- SessionPoolTest -------------------------------------------------------

SessionPoolTest::SessionPoolTest() {
  options_.usync_per_second = 0;
  options_.pictures_per_second = 0;
}

SessionPoolTest::~SessionPoolTest() {
  StopPool();
  simulator_.reset();
}

void SessionPoolTest::StartSimulator(sim::Simulator::Options options) {
  options.data_dir = folder_.path();
  options.control = "";
  simulator_ = std::make_unique<sim::Simulator>(std::move(options));
  const auto endpoints = simulator_->Start();
  ASSERT_TRUE(endpoints.ok()) << endpoints.status();
  endpoints_ = *endpoints;
  options_.connection.websocket.url = endpoints_.url;
  options_.connection.websocket.ca_file = endpoints_.ca;
  options_.connection.root_public_key =
      absl::HexStringToBytes(endpoints_.root_key);
}

void SessionPoolTest::StartPool() {
  io_ = std::make_unique<asio::io_context>();
  keep_running_ = std::make_unique<
      asio::executor_work_guard<asio::io_context::executor_type>>(
      io_->get_executor());
  for (int i = 0; i < 2; ++i) threads_.emplace_back([this] { io_->run(); });
  auto sealed =
      SealedSessions::Open(*stores_.sessions, folder_.path() + "/seal.key");
  ASSERT_TRUE(sealed.ok()) << sealed.status();
  sealed_ = *std::move(sealed);
  pool_ = SessionPool::Make(*io_, *sealed_, work_, options_);
  const absl::Status started = pool_->Start();
  ASSERT_TRUE(started.ok()) << started;
}

void SessionPoolTest::StopPool() {
  if (pool_ != nullptr) {
    const absl::Time start = absl::Now();
    pool_->Stop(kTestDeadline);
    EXPECT_LT(absl::Now() - start, kTestDeadline / 2);
    pool_.reset();
  }
  keep_running_.reset();
  if (io_ != nullptr) io_->stop();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  io_.reset();
}

v1::Session SessionPoolTest::Pair(const std::string& name,
                                  const std::string& number) {
  const auto observer =
      std::make_shared<TestObserver>(simulator_.get(), number);
  const auto cancel = pool_->Pair({name, ""}, observer);
  EXPECT_TRUE(cancel.ok()) << cancel.status();
  const absl::StatusOr<v1::Session> paired = observer->Wait();
  EXPECT_TRUE(paired.ok()) << paired.status();
  return paired.ok() ? *paired : v1::Session();
}

bool SessionPoolTest::WaitFor(const std::function<bool()>& condition,
                              absl::Duration timeout) {
  return Eventually(condition, timeout);
}

v1::Session SessionPoolTest::WaitForState(const std::string& name,
                                          v1::SessionState state) {
  v1::Session seen;
  const bool reached = WaitFor([&] {
    const auto session = pool_->Get(name);
    if (session.ok()) seen = *session;
    return session.ok() && session->state() == state;
  });
  EXPECT_TRUE(reached) << "session " << name << " is still "
                       << seen.ShortDebugString();
  return seen;
}

sim::v1::Account SessionPoolTest::AccountOf(const std::string& number) {
  return *simulator_->control().GetAccount(number);
}

void SessionPoolTest::SetFaults(const sim::v1::SetFaultsRequest& faults) {
  const absl::Status set = simulator_->control().SetFaults(faults);
  ASSERT_TRUE(set.ok()) << set;
}

void SessionPoolTest::ExpectRight(const std::string& number,
                                  const Observation& seen) {
  const sim::v1::Account account = AccountOf(number);
  EXPECT_EQ(seen.phone_number, number);
  ASSERT_TRUE(seen.registration.has_value());
  EXPECT_EQ(*seen.registration == v1::REGISTRATION_REGISTERED,
            account.registered());
  if (!account.registered()) return;
  EXPECT_EQ(seen.lid, account.lid());
  EXPECT_EQ(seen.is_business, account.is_business());
  if (!account.verified_name().empty()) {
    EXPECT_EQ(seen.name, account.verified_name());
  }
  const v1::PictureState state =
      account.picture_id().empty() ? v1::PICTURE_STATE_NOT_SET
      : account.picture_hidden()   ? v1::PICTURE_STATE_HIDDEN
                                   : v1::PICTURE_STATE_AVAILABLE;
  EXPECT_EQ(seen.state, state);
  EXPECT_EQ(seen.picture_id,
            state == v1::PICTURE_STATE_AVAILABLE ? account.picture_id() : "");
}

std::vector<ContactTask> TasksFor(uint64_t first, size_t count,
                                  UrlNeed full_url) {
  std::vector<ContactTask> tasks(count);
  for (size_t i = 0; i < count; ++i) {
    tasks[i].contact.jid = whatsapp::PhoneNumberJid(absl::StrCat(first + i));
    tasks[i].full_url = full_url;
  }
  return tasks;
}

}  // namespace portrait
