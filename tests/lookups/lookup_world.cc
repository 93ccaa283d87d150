#include "tests/lookups/lookup_world.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "core/lookup/testing/fake_whatsapp.h"
#include "core/session/testing/session_pool_test_fixture.h"
#include "tests/support/eventually.h"
#include "tests/support/test_deadline.h"

namespace portrait {

namespace asio = boost::asio;

LookupWorld::LookupWorld() {
  session_options_.usync_per_second = 0;
  session_options_.pictures_per_second = 0;
  session_options_.lean_picture_queries = true;
  session_options_.group_batches = true;
}

LookupWorld::~LookupWorld() {
  StopSessions();
  engine_.reset();
  simulator_.reset();
}

void LookupWorld::Start() {
  network_.data_dir = folder_.path();
  network_.control = "";
  simulator_ = std::make_unique<sim::Simulator>(network_);
  const auto endpoints = simulator_->Start();
  ASSERT_TRUE(endpoints.ok()) << endpoints.status();
  session_options_.connection.websocket.url = endpoints->url;
  session_options_.picture_server = endpoints->cdn;
  session_options_.connection.root_public_key =
      absl::HexStringToBytes(endpoints->root_key);
  StartSessions();
  Pair("ada", "+15551230001");
}

void LookupWorld::StartSessions() {
  io_ = std::make_unique<asio::io_context>();
  keep_running_ = std::make_unique<
      asio::executor_work_guard<asio::io_context::executor_type>>(
      io_->get_executor());
  for (int i = 0; i < 2; ++i) threads_.emplace_back([this] { io_->run(); });
  scheduler_ = std::make_unique<Scheduler>();
  auto sealed =
      SealedSessions::Open(*stores_.sessions, folder_.path() + "/seal.key");
  ASSERT_TRUE(sealed.ok()) << sealed.status();
  sealed_ = *std::move(sealed);
  pool_ = SessionPool::Make(*io_, *sealed_, *scheduler_, session_options_);
  engine_ = std::make_unique<LookupEngine>(
      *stores_.pictures, *scheduler_, *pool_, store_threads_, engine_options_);
  const absl::Status started = pool_->Start();
  ASSERT_TRUE(started.ok()) << started;
}

void LookupWorld::StopSessions() {
  if (pool_ != nullptr) pool_->Stop(kTestDeadline);
  keep_running_.reset();
  if (io_ != nullptr) io_->stop();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  engine_.reset();
  pool_.reset();
  io_.reset();
  scheduler_.reset();
}

void LookupWorld::RestartSessions() {
  StopSessions();
  StartSessions();
  EXPECT_TRUE(WaitFor([this] { return pool_->GetAvailability("").ready > 0; }));
}

void LookupWorld::Pair(const std::string& session,
                       const std::string& phone_number) {
  const auto observer =
      std::make_shared<TestObserver>(simulator_.get(), phone_number);
  const auto cancel = pool_->Pair({session, ""}, observer);
  ASSERT_TRUE(cancel.ok()) << cancel.status();
  const absl::StatusOr<v1::Session> paired = observer->Wait();
  ASSERT_TRUE(paired.ok()) << paired.status();
}

std::vector<v1::EnrichResult> LookupWorld::Look(
    const std::vector<std::string>& contacts, LookupRequest request) {
  const auto sink = std::make_shared<RecordingSink>();
  std::vector<LookupItem> items(contacts.size());
  for (size_t i = 0; i < items.size(); ++i) {
    items[i].tag = i;
    items[i].contact = contacts[i];
  }
  if (request.urgent) request.deadline = absl::Now() + kTestDeadline;
  engine_->Lookup(std::make_shared<LookupRequest>(std::move(request)),
                  std::move(items), sink);
  std::vector<v1::EnrichResult> results(contacts.size());
  for (LookupResult& result : sink->Wait(contacts.size())) {
    results.at(result.result.tag()) = std::move(result.result);
  }
  return results;
}

v1::EnrichResult LookupWorld::LookOne(const std::string& contact,
                                      LookupRequest request) {
  request.urgent = true;
  return Look({contact}, std::move(request)).front();
}

void LookupWorld::ExpectAnswerAfter(absl::Duration backoff,
                                    const std::string& contact,
                                    const std::function<void()>& heal) {
  const absl::Time asked_at = absl::Now();
  std::thread healer([&] {
    WaitFor([&] {
      return pool_->Get("ada")->state() == v1::SESSION_STATE_THROTTLED;
    });
    heal();
  });
  const v1::EnrichResult result = LookOne(contact);
  healer.join();
  EXPECT_EQ(result.profile_picture().state(), v1::PICTURE_STATE_AVAILABLE)
      << result.ShortDebugString();
  EXPECT_GE(absl::Now() - asked_at, backoff);
}

store::v1::ContactRecord LookupWorld::Stored(const std::string& jid) {
  const auto contacts =
      stores_.pictures->Get(absl::MakeConstSpan(&jid, 1)).value();
  return contacts[0].record.value_or(store::v1::ContactRecord());
}

sim::v1::Account LookupWorld::Find(
    const std::function<bool(const sim::v1::Account&)>& wanted,
    uint64_t first) {
  for (uint64_t number = first;; ++number) {
    sim::v1::Account account =
        control().GetAccount(absl::StrCat("+", number)).value();
    if (wanted(account)) return account;
  }
}

sim::v1::GetStatsResponse LookupWorld::Asked() {
  const sim::v1::GetStatsResponse now = control().GetStats();
  sim::v1::GetStatsResponse asked = now;
  asked.set_usync_queries(now.usync_queries() - counted_.usync_queries());
  asked.set_usync_users(now.usync_users() - counted_.usync_users());
  asked.set_picture_queries(now.picture_queries() - counted_.picture_queries());
  asked.set_group_queries(now.group_queries() - counted_.group_queries());
  asked.set_channel_queries(now.channel_queries() - counted_.channel_queries());
  counted_ = now;
  return asked;
}

bool LookupWorld::WaitFor(const std::function<bool()>& condition) {
  return Eventually(condition);
}

bool HasVisiblePicture(const sim::v1::Account& account) {
  return account.registered() && !account.picture_id().empty() &&
         !account.picture_hidden();
}

bool HasHiddenPicture(const sim::v1::Account& account) {
  return account.registered() && !account.picture_id().empty() &&
         account.picture_hidden();
}

bool HasNoPicture(const sim::v1::Account& account) {
  return account.registered() && account.picture_id().empty();
}

}  // namespace portrait
