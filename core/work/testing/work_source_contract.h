// Tests that every WorkSource must pass. To run them for one implementation,
// link portrait_work_source_contract and instantiate WorkSourceContract with a
// factory of WorkSourceUnderTest.
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

// A work source together with its callers' side, which adds tasks.
class WorkSourceUnderTest {
 public:
  virtual ~WorkSourceUnderTest() = default;
  virtual WorkSource& source() = 0;
  // Adds tasks for distinct contacts; the source sets their ids and attempts.
  virtual void Add(std::vector<ContactTask> tasks) = 0;
  // The outcomes that callers have got since the last call, by user part of the
  // JID: "" if the task was answered, otherwise the failure's message.
  virtual std::map<std::string, std::string> TakeOutcomes() = 0;
  // The JIDs of the observations that belong to no task.
  virtual std::vector<std::string> news() = 0;
  // Waits until a session may take the tasks again that it gave back.
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
