// What every WorkSource promises, as tests. To run them against one, link
// portrait_work_source_contract and instantiate WorkSourceContract with a maker
// of a WorkSourceUnderTest.
#ifndef PORTRAIT_CORE_WORK_TESTING_WORK_SOURCE_CONTRACT_H_
#define PORTRAIT_CORE_WORK_TESTING_WORK_SOURCE_CONTRACT_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/work/work_source.h"
#include "gtest/gtest.h"

namespace portrait {

// A work source, and the other side of it: callers that add tasks.
class WorkSourceUnderTest {
 public:
  virtual ~WorkSourceUnderTest() = default;
  virtual WorkSource& source() = 0;
  // Adds tasks for distinct contacts; their ids and attempts are the source's.
  virtual void Add(std::vector<ContactTask> tasks) = 0;
  // What callers were told since the last call: by user, "" if the task was
  // answered, otherwise the failure's message.
  virtual std::map<std::string, std::string> TakeOutcomes() = 0;
  // The JIDs of the observations that no task asked for.
  virtual std::vector<std::string> news() = 0;
  // Until a session may have again what it gave back.
  virtual void PassGiveBackPause() = 0;
};

using WorkSourceMaker = std::function<std::unique_ptr<WorkSourceUnderTest>()>;

class WorkSourceContract : public testing::TestWithParam<WorkSourceMaker> {
 protected:
  WorkSource& source() { return under_test_->source(); }

  const std::unique_ptr<WorkSourceUnderTest> under_test_ = GetParam()();
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_WORK_TESTING_WORK_SOURCE_CONTRACT_H_
