// The fixture of tests that every PictureStore must pass, with helpers. To run
// the tests for one implementation, link portrait_picture_store_contract and
// instantiate PictureStoreTest and UnaskedTest with a Backend.
#ifndef PORTRAIT_CORE_STORE_TESTING_PICTURE_STORE_TEST_FIXTURE_H_
#define PORTRAIT_CORE_STORE_TESTING_PICTURE_STORE_TEST_FIXTURE_H_

#include <functional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/store/picture_store.h"
#include "core/store/testing/test_observations.h"
#include "gtest/gtest.h"
#include "tests/support/temporary_folder.h"

namespace portrait {

inline constexpr char kGroup[] = "120363041234567890@g.us";

struct Backend {
  std::string name;
  std::function<absl::StatusOr<Stores>(const std::string& folder)> open;
};
inline void PrintTo(const Backend& backend, std::ostream* out) {
  *out << backend.name;
}

class PictureStoreTest : public ::testing::TestWithParam<Backend> {
 protected:
  PictureStoreTest() {
    absl::StatusOr<Stores> stores = GetParam().open(folder_.path() + "/store");
    EXPECT_TRUE(stores.ok()) << stores.status();
    stores_ = *std::move(stores);
  }

  PictureStore& store() { return *stores_.pictures; }

  std::vector<ApplyResult> Apply(std::vector<Observation> observations) {
    auto results = store().Apply(observations);
    EXPECT_TRUE(results.ok()) << results.status();
    if (!results.ok()) return {};
    EXPECT_EQ(results->size(), observations.size());
    return *std::move(results);
  }

  StoredContact GetOne(const std::string& jid) {
    const std::vector<std::string> jids = {jid};
    auto contacts = store().Get(jids);
    EXPECT_TRUE(contacts.ok()) << contacts.status();
    return contacts.ok() ? contacts->at(0) : StoredContact();
  }

  std::vector<Change> ChangesAfter(uint64_t after, size_t limit) {
    auto changes = store().ReadChanges(after, limit);
    EXPECT_TRUE(changes.ok()) << changes.status();
    return changes.ok() ? *std::move(changes) : std::vector<Change>();
  }
  std::vector<Change> HistoryBefore(const std::string& jid, uint64_t before,
                                    size_t limit) {
    auto changes = store().ReadHistory(jid, before, limit);
    EXPECT_TRUE(changes.ok()) << changes.status();
    return changes.ok() ? *std::move(changes) : std::vector<Change>();
  }

  // Formats each change as "sequence jid kind old>new".
  static std::vector<std::string> Lines(const std::vector<Change>& changes) {
    std::vector<std::string> lines;
    for (const Change& change : changes) {
      lines.push_back(absl::StrCat(
          change.sequence, " ", change.jid, " ",
          v1::ChangeKind_Name(change.kind).substr(sizeof("CHANGE_KIND_") - 1),
          " ", change.old_id, ">", change.new_id));
    }
    return lines;
  }
  std::vector<std::string> Changes() { return Lines(ChangesAfter(0, 1000)); }
  std::vector<std::string> History(const std::string& jid) {
    return Lines(HistoryBefore(jid, 0, 1000));
  }

 private:
  TemporaryFolder folder_;
  Stores stores_;
};

// For notifications that WhatsApp sends without a query: they update stored
// contacts and make no new record.
class UnaskedTest : public PictureStoreTest {
 protected:
  static Observation Unasked(Observation observation) {
    observation.unasked = true;
    return observation;
  }
  static Observation Outdated(const std::string& jid, int second) {
    Observation observation;
    observation.jid = jid;
    observation.outdated = true;
    observation.observed_at = At(second);
    return Unasked(observation);
  }
  static Observation Names(const std::string& jid, const std::string& lid,
                           int second) {
    Observation observation;
    observation.jid = jid;
    observation.lid = lid;
    observation.observed_at = At(second);
    return Unasked(observation);
  }
};

inline std::string NameOfBackend(
    const ::testing::TestParamInfo<Backend>& info) {
  return info.param.name;
}

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_TESTING_PICTURE_STORE_TEST_FIXTURE_H_
