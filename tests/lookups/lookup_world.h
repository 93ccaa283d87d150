// A fixture for complete lookups: engine, store and linked accounts, with a
// simulated WhatsApp, whose counters show the queries.
#ifndef PORTRAIT_TESTS_LOOKUPS_LOOKUP_WORLD_H_
#define PORTRAIT_TESTS_LOOKUPS_LOOKUP_WORLD_H_

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "core/base/fair_threads.h"
#include "core/lookup/lookup_engine.h"
#include "core/session/session_pool.h"
#include "core/store/picture_store.h"
#include "tests/support/temporary_folder.h"
#include "tests/whatsapp_sim/simulator.h"

namespace portrait {

class LookupWorld : public ::testing::Test {
 protected:
  LookupWorld();
  ~LookupWorld() override;

  // Starts a simulated network and links the account "ada" for lookups. Change
  // options before. By default the account sends lean queries: it asks for no
  // picture that a lookup does not need, and tests count the queries.
  void Start();
  // Links another account.
  void Pair(const std::string& session, const std::string& phone_number);
  // Stops the sessions as a stop of the server does; they can be started again.
  void StopSessions();
  void RestartSessions();

  // Returns the results of one caller for each contact, in their order.
  std::vector<v1::EnrichResult> Look(const std::vector<std::string>& contacts,
                                     LookupRequest request = {});
  // Returns the result of one contact, for a caller that waits for it.
  v1::EnrichResult LookOne(const std::string& contact,
                           LookupRequest request = {});
  // Expects that a contact for which WhatsApp asked to wait is answered after
  // `backoff`. Calls `heal` while the account is waiting.
  void ExpectAnswerAfter(absl::Duration backoff, const std::string& contact,
                         const std::function<void()>& heal);
  // The stored record; empty if there is none.
  store::v1::ContactRecord Stored(const std::string& jid);

  // The first account from `first` on for which `wanted` is true.
  sim::v1::Account Find(
      const std::function<bool(const sim::v1::Account&)>& wanted,
      uint64_t first = 491711230000);
  sim::Control& control() { return simulator_->control(); }
  // The queries since the last call.
  sim::v1::GetStatsResponse Asked();
  static bool WaitFor(const std::function<bool()>& condition);

  sim::Simulator::Options network_;
  SessionOptions session_options_;
  LookupEngineOptions engine_options_;
  std::unique_ptr<sim::Simulator> simulator_;
  Stores stores_ = NewMemoryStores();
  std::unique_ptr<SealedSessions> sealed_;
  std::unique_ptr<SessionPool> pool_;

 private:
  void StartSessions();

  const TemporaryFolder folder_;
  sim::v1::GetStatsResponse counted_;
  std::unique_ptr<boost::asio::io_context> io_;
  std::unique_ptr<
      boost::asio::executor_work_guard<boost::asio::io_context::executor_type>>
      keep_running_;
  std::vector<std::thread> threads_;
  std::unique_ptr<Scheduler> scheduler_;
  FairThreads store_threads_{2};
  std::unique_ptr<LookupEngine> engine_;
};

// Predicates for accounts of the directory.
bool HasVisiblePicture(const sim::v1::Account& account);
bool HasHiddenPicture(const sim::v1::Account& account);
bool HasNoPicture(const sim::v1::Account& account);

inline LookupRequest MaxAge(absl::Duration max_age) {
  LookupRequest request;
  request.max_age = max_age;
  return request;
}

}  // namespace portrait

#endif  // PORTRAIT_TESTS_LOOKUPS_LOOKUP_WORLD_H_
