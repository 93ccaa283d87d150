// Stress test: callers come and go while sessions answer, fail and give back
// tasks. Every item must get exactly one result.
#include <atomic>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/lookup/lookup_engine.h"
#include "core/lookup/testing/fake_whatsapp.h"
#include "gtest/gtest.h"
#include "tests/support/test_deadline.h"

namespace portrait {
namespace {

constexpr int kCallers = 2;
constexpr int kSessions = 2;
constexpr int kCallsPerCaller = 150;
constexpr int kMaxItems = 20;
constexpr int kContacts = 40;  // few, so that many tasks are shared

class LookupStressTest : public testing::Test {
 protected:
  struct Asked {
    std::shared_ptr<RecordingSink> sink;
    size_t items = 0;
  };

  // Asks for random contacts; destroys every fifth sink at once.
  std::vector<Asked> Call(int seed) {
    std::mt19937 random(seed);
    std::vector<Asked> kept;
    for (int i = 0; i < kCallsPerCaller; ++i) {
      LookupRequest request;
      request.tenant = absl::StrCat("tenant ", random() % 3);
      request.urgent = random() % 4 == 0;
      request.deadline = absl::Now() + kTestDeadline;
      request.session = random() % 8 == 0 ? "session 0" : "";
      request.size = static_cast<v1::PictureSize>(random() % 5);
      if (random() % 3 != 0) request.max_age = absl::ZeroDuration();
      std::vector<LookupItem> items;
      for (size_t n = 1 + random() % kMaxItems; n > 0; --n) {
        items.push_back({n,
                         absl::StrCat("+1310555", 1000 + random() % kContacts),
                         random() % 4 == 0 ? "1" : ""});
      }
      Asked asked{std::make_shared<RecordingSink>(), items.size()};
      engine_->Lookup(std::make_shared<const LookupRequest>(request),
                      std::move(items), asked.sink);
      if (random() % 5 != 0) kept.push_back(std::move(asked));
    }
    return kept;
  }

  // Takes tasks until told to stop, and ends each batch in a random way.
  void Work(int number) {
    std::mt19937 random(number);
    const std::string name = absl::StrCat("session ", number);
    while (!stop_) {
      std::vector<ContactTask> tasks =
          random() % 4 == 0 ? scheduler_->TakeUrgent(name, 1 + random() % 10)
                            : scheduler_->Take(name, 1 + random() % 30);
      if (tasks.empty()) {
        std::this_thread::yield();
        continue;
      }
      switch (random() % 8) {
        case 0:
          scheduler_->GiveBack(std::move(tasks), {v1::ERROR_REASON_RATE_LIMITED,
                                                  "429", absl::Seconds(1)});
          break;
        case 1:
          scheduler_->PutBack(std::move(tasks));
          break;
        case 2:
          scheduler_->Observe(Seen(tasks[0], "3", absl::Now()));
          [[fallthrough]];
        default:
          Complete(tasks, name, random);
      }
    }
  }

  void Complete(const std::vector<ContactTask>& tasks, const std::string& name,
                std::mt19937& random) {
    std::vector<TaskResult> results;
    for (const ContactTask& task : tasks) {
      if (random() % 10 == 0) {
        results.push_back({task.id, LookupFailure{}});
      } else {
        const std::string id = absl::StrCat(1 + random() % 2);
        results.push_back({task.id, Seen(task, id, absl::Now(), name)});
      }
    }
    scheduler_->Complete(std::move(results));
  }

  Stores stores_ = NewMemoryStores();
  FakeDirectory directory_;
  std::unique_ptr<Scheduler> scheduler_ = std::make_unique<Scheduler>(
      SchedulerOptions{.give_back_pause = absl::Milliseconds(1)});
  FairThreads store_threads_{2};
  std::unique_ptr<LookupEngine> engine_ =
      std::make_unique<LookupEngine>(*stores_.pictures, *scheduler_, directory_,
                                     store_threads_, LookupEngineOptions{});
  std::atomic<bool> stop_ = false;
};

void ExpectOneResultEach(const std::vector<LookupResult>& results,
                         size_t items) {
  std::map<uint64_t, int> by_tag;
  for (const LookupResult& each : results) ++by_tag[each.result.tag()];
  EXPECT_EQ(results.size(), items);
  EXPECT_EQ(by_tag.size(), items);
}

TEST_F(LookupStressTest, EveryItemGetsExactlyOneResult) {
  std::vector<std::thread> sessions;
  for (int i = 0; i < kSessions; ++i) {
    sessions.emplace_back([this, i] { Work(i); });
  }
  std::vector<Asked> asked[kCallers];
  std::vector<std::thread> callers;
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back([this, i, &asked] { asked[i] = Call(100 + i); });
  }
  for (std::thread& caller : callers) caller.join();
  size_t calls = 0;
  for (const std::vector<Asked>& of_caller : asked) {
    for (const Asked& call : of_caller) {
      ExpectOneResultEach(call.sink->Wait(call.items), call.items);
      ++calls;
    }
  }
  EXPECT_GT(calls, 100u);
  stop_ = true;
  for (std::thread& session : sessions) session.join();
  engine_->Drain(kTestDeadline);
  EXPECT_EQ(scheduler_->depth().queued, 0u);
  EXPECT_EQ(scheduler_->depth().in_flight, 0u);
  engine_.reset();
  for (const std::vector<Asked>& of_caller : asked) {
    for (const Asked& call : of_caller) {
      EXPECT_EQ(call.sink->results().size(), call.items);
    }
  }
}

TEST_F(LookupStressTest, EveryItemGetsOneResultDuringAShutdown) {
  std::vector<std::thread> sessions;
  for (int i = 0; i < kSessions; ++i) {
    sessions.emplace_back([this, i] { Work(i); });
  }
  const std::vector<Asked> asked = Call(7);
  engine_->Drain(absl::ZeroDuration());
  engine_.reset();
  for (const Asked& call : asked) {
    ExpectOneResultEach(call.sink->results(), call.items);
  }
  stop_ = true;
  for (std::thread& session : sessions) session.join();
}

}  // namespace
}  // namespace portrait
