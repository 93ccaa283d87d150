// The fixture of lookup tests: an engine over a store in memory; the test acts
// as the sessions.
#ifndef PORTRAIT_CORE_LOOKUP_TESTING_LOOKUP_TEST_FIXTURE_H_
#define PORTRAIT_CORE_LOOKUP_TESTING_LOOKUP_TEST_FIXTURE_H_

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/base/clock.h"
#include "core/base/fair_threads.h"
#include "core/lookup/lookup_engine.h"
#include "core/lookup/scheduler.h"
#include "core/lookup/testing/fake_whatsapp.h"
#include "core/store/picture_store.h"
#include "gtest/gtest.h"
#include "tests/support/test_deadline.h"

namespace portrait {

class LookupTest : public testing::Test {
 protected:
  // Makes an engine with `store` and `clock_`.
  void MakeEngine(PictureStore& store, LookupEngineOptions options = {}) {
    options.clock = clock_.clock();
    engine_ = std::make_unique<LookupEngine>(store, *scheduler_, directory_,
                                             store_threads_, options);
  }

  // Looks up contacts with the tags 1, 2, …
  std::shared_ptr<RecordingSink> Lookup(
      const std::vector<std::string>& contacts, LookupRequest request = {},
      const std::string& existing_id = "") {
    auto sink = std::make_shared<RecordingSink>();
    std::vector<LookupItem> items;
    for (const std::string& contact : contacts) {
      items.push_back({items.size() + 1, contact, existing_id});
    }
    engine_->Lookup(std::make_shared<const LookupRequest>(std::move(request)),
                    std::move(items), sink);
    return sink;
  }

  // Waits for work as a session does; returns nothing if none comes.
  std::vector<ContactTask> Take(size_t max = 100) {
    const absl::Time give_up = absl::Now() + kTestDeadline;
    while (absl::Now() < give_up) {
      std::vector<ContactTask> tasks = scheduler_->Take("s", max);
      if (!tasks.empty()) return tasks;
      std::this_thread::yield();
    }
    return {};
  }
  void Complete(const ContactTask& task, Observation seen) {
    std::vector<TaskResult> results;
    results.push_back({task.id, std::move(seen)});
    scheduler_->Complete(std::move(results));
  }

  ManualClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  Stores stores_ = NewMemoryStores();
  FakeDirectory directory_;
  std::unique_ptr<Scheduler> scheduler_ =
      std::make_unique<Scheduler>(SchedulerOptions{.clock = clock_.clock()});
  FairThreads store_threads_{2};
  std::unique_ptr<LookupEngine> engine_;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_LOOKUP_TESTING_LOOKUP_TEST_FIXTURE_H_
