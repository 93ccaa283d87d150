#include "core/lookup/ask_guard.h"

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "core/lookup/lookup_engine.h"
#include "core/lookup/testing/fake_whatsapp.h"
#include "core/store/picture_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/test_deadline.h"

namespace portrait {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Admits a fixed total of numbers and records its calls.
class CountingGuard : public AskGuard {
 public:
  explicit CountingGuard(size_t budget) : budget_(budget) {}

  size_t Admit(const std::string& tenant, absl::Span<const uint64_t> numbers,
               LookupFailure* why) override {
    absl::MutexLock lock(&mu_);
    EXPECT_EQ(tenant, "acme");
    const size_t admitted = std::min(budget_, numbers.size());
    budget_ -= admitted;
    asked_.insert(asked_.end(), numbers.begin(), numbers.end());
    *why = {v1::ERROR_REASON_ENUMERATION, "enough", absl::Hours(1)};
    return admitted;
  }
  void OnAnswer(const std::string&, bool registered) override {
    absl::MutexLock lock(&mu_);
    answers_.push_back(registered);
  }

  std::vector<uint64_t> asked() {
    absl::MutexLock lock(&mu_);
    return std::exchange(asked_, {});
  }
  std::vector<bool> answers() {
    absl::MutexLock lock(&mu_);
    return answers_;
  }

 private:
  absl::Mutex mu_;
  size_t budget_ ABSL_GUARDED_BY(mu_);
  std::vector<uint64_t> asked_ ABSL_GUARDED_BY(mu_);
  std::vector<bool> answers_ ABSL_GUARDED_BY(mu_);
};

class AskGuardTest : public testing::Test {
 protected:
  std::shared_ptr<RecordingSink> Lookup(const std::vector<std::string>& texts,
                                        bool urgent = false) {
    LookupRequest request;
    request.tenant = "acme";
    request.urgent = urgent;
    request.max_age = absl::ZeroDuration();
    auto sink = std::make_shared<RecordingSink>();
    std::vector<LookupItem> items;
    for (const std::string& text : texts) {
      items.push_back({items.size() + 1, text, ""});
    }
    engine_->Lookup(std::make_shared<const LookupRequest>(std::move(request)),
                    std::move(items), sink);
    return sink;
  }

  // Answers the next tasks as a session does; returns their number.
  size_t Answer(bool registered) {
    const absl::Time give_up = absl::Now() + kTestDeadline;
    std::vector<ContactTask> tasks;
    while (tasks.empty() && absl::Now() < give_up) {
      tasks = scheduler_->Take("s", 100);
      std::this_thread::yield();
    }
    std::vector<TaskResult> results;
    for (const ContactTask& task : tasks) {
      Observation seen = Seen(task, "7", absl::Now());
      if (!registered) seen.registration = v1::REGISTRATION_NOT_REGISTERED;
      results.push_back({task.id, std::move(seen)});
    }
    scheduler_->Complete(std::move(results));
    return tasks.size();
  }

  CountingGuard guard_{3};
  Stores stores_ = NewMemoryStores();
  FakeDirectory directory_;
  std::unique_ptr<Scheduler> scheduler_ = std::make_unique<Scheduler>();
  FairThreads store_threads_{2};
  std::unique_ptr<LookupEngine> engine_ = std::make_unique<LookupEngine>(
      *stores_.pictures, *scheduler_, directory_, store_threads_,
      LookupEngineOptions{.guard = &guard_});
};

TEST_F(AskGuardTest, RefusedNumbersAreNotQueriedAndOthersAre) {
  const auto sink =
      Lookup({"13105551234", "13105551235", "13105551236", "13105551237"});
  EXPECT_EQ(Answer(/*registered=*/true), 3u);
  const std::vector<LookupResult> results = sink->Wait(4);
  ASSERT_THAT(results, SizeIs(4));
  const v1::EnrichResult& refused = results[0].result;
  EXPECT_EQ(refused.tag(), 4u);
  EXPECT_EQ(refused.error().reason(), v1::ERROR_REASON_ENUMERATION);
  EXPECT_EQ(refused.error().retry_after().seconds(), 3600);
  // A call for one contact does not bypass the guard.
  const v1::EnrichResult one =
      Lookup({"13105551238"}, /*urgent=*/true)->WaitForOne();
  EXPECT_EQ(one.error().reason(), v1::ERROR_REASON_ENUMERATION);
}

TEST_F(AskGuardTest, ReceivesPhoneNumbersThatAreNotStored) {
  const auto first = Lookup({"13105551234", "123456789012345@lid"});
  // A batch has tasks of one kind only.
  EXPECT_EQ(Answer(/*registered=*/true), 1u);
  EXPECT_EQ(Answer(/*registered=*/true), 1u);
  first->Wait(2);
  EXPECT_THAT(guard_.asked(), ElementsAre(13105551234));
  EXPECT_THAT(guard_.answers(), ElementsAre(true));

  const auto again = Lookup({"13105551234"});
  EXPECT_EQ(Answer(/*registered=*/true), 1u);
  again->WaitForOne();
  EXPECT_THAT(guard_.asked(), IsEmpty());
  EXPECT_THAT(guard_.answers(), SizeIs(1));
}

TEST_F(AskGuardTest, LearnsWhichNumbersAreNotOnWhatsApp) {
  const auto sink = Lookup({"13105551234"});
  EXPECT_EQ(Answer(/*registered=*/false), 1u);
  sink->WaitForOne();
  EXPECT_THAT(guard_.answers(), ElementsAre(false));
}

}  // namespace
}  // namespace portrait
