// Runs the WorkSource contract with the scheduler.
#include <utility>

#include "core/base/clock.h"
#include "core/lookup/lookup_results.h"
#include "core/lookup/scheduler.h"
#include "core/work/testing/work_source_contract.h"

namespace portrait {
namespace {

class NullSink : public ResultSink {
 public:
  void OnResults(LookupResults) override {}
};

class SchedulerUnderTest : public WorkSourceUnderTest {
 public:
  WorkSource& source() override { return scheduler_; }

  void Add(std::vector<ContactTask> tasks) override {
    std::vector<Scheduler::Request> requests;
    for (ContactTask& task : tasks) {
      auto request = std::make_shared<LookupRequest>();
      request->urgent = task.urgent;
      auto call = std::make_shared<LookupCall>();
      call->request = request;
      call->sink = sink_;
      requests.push_back({std::move(task), {.call = call}});
    }
    EXPECT_TRUE(scheduler_.Submit(std::move(requests)).empty());
  }

  std::map<std::string, std::string> TakeOutcomes() override {
    std::map<std::string, std::string> outcomes;
    for (const CompletedTask& each : Completed()) {
      if (each.task.id == 0) continue;
      EXPECT_EQ(each.waiters.size(), 1u);
      const auto* why = std::get_if<LookupFailure>(&each.outcome);
      outcomes[each.task.contact.jid.user] = why == nullptr ? "" : why->message;
    }
    return outcomes;
  }

  std::vector<std::string> news() override {
    std::vector<std::string> jids;
    for (const CompletedTask& each : Completed()) {
      if (each.task.id != 0) continue;
      jids.push_back(std::get<Observation>(each.outcome).jid);
    }
    return jids;
  }

  void PassGiveBackPause() override { clock_.Advance(absl::Minutes(1)); }

 private:
  std::vector<CompletedTask> Completed() {
    const size_t size = scheduler_.completed().size();
    if (size == 0) return {};
    return scheduler_.completed().Pop(size);
  }

  ManualClock clock_{absl::FromUnixSeconds(1'800'000'000)};
  Scheduler scheduler_{{.clock = clock_.clock()}};
  const std::shared_ptr<ResultSink> sink_ = std::make_shared<NullSink>();
};

INSTANTIATE_TEST_SUITE_P(Scheduler, WorkSourceContract, testing::Values([] {
                           return std::make_unique<SchedulerUnderTest>();
                         }));

}  // namespace
}  // namespace portrait
