// Runs the WorkSource contract with the work source of the session tests.
#include <utility>

#include "core/session/testing/list_work_source.h"
#include "core/work/testing/work_source_contract.h"

namespace portrait {
namespace {

class ListUnderTest : public WorkSourceUnderTest {
 public:
  WorkSource& source() override { return list_; }

  void Add(std::vector<ContactTask> tasks) override {
    list_.Add(std::move(tasks));
  }

  std::map<std::string, std::string> TakeOutcomes() override {
    std::map<std::string, std::string> outcomes;
    for (const auto& [jid, seen] : list_.observations()) {
      outcomes[UserOf(jid)] = "";
    }
    for (const auto& [jid, why] : list_.failures()) {
      outcomes[UserOf(jid)] = why.message;
    }
    return outcomes;
  }

  std::vector<std::string> news() override {
    std::vector<std::string> jids;
    for (const Observation& seen : list_.news()) jids.push_back(seen.jid);
    return jids;
  }

  void PassGiveBackPause() override {}  // this source has no pause

 private:
  static std::string UserOf(const std::string& jid) {
    return jid.substr(0, jid.find('@'));
  }

  ListWorkSource list_;
};

INSTANTIATE_TEST_SUITE_P(ListWorkSource, WorkSourceContract,
                         testing::Values([] {
                           return std::make_unique<ListUnderTest>();
                         }));

}  // namespace
}  // namespace portrait
