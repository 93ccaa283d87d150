// Tests the shares that tenants get of one account that is asked for more than
// its limit. The tests count queries and do not measure time.
#include <atomic>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/lookups/lookup_world.h"

namespace portrait {
namespace {

constexpr uint64_t kVictims = 491711230000;
constexpr uint64_t kFloods = 491721230000;

class TurnsTest : public LookupWorld {
 protected:
  TurnsTest() {
    // The network reports no picture ids, so each contact needs a picture
    // query.
    network_.habits.usync_bare_pictures = true;
    session_options_.usync_per_second = 20;
    session_options_.pictures_per_second = 200;
  }
  ~TurnsTest() override { StopFlood(); }

  // Starts that many callers, which look up one contact after another.
  void StartFlood(int callers) {
    for (int i = 0; i < callers; ++i) {
      flood_.emplace_back([this] {
        LookupRequest request;
        request.tenant = "flood";
        while (!stop_) {
          LookOne(absl::StrCat("+", kFloods + next_++), request);
          ++flood_answered_;
        }
      });
    }
  }
  void StopFlood() {
    stop_ = true;
    for (std::thread& caller : flood_) caller.join();
    flood_.clear();
  }

  std::atomic<uint64_t> next_ = 0;
  std::atomic<size_t> flood_answered_ = 0;
  std::atomic<bool> stop_ = false;
  std::vector<std::thread> flood_;
};

TEST_F(TurnsTest, AListKeepsItsShareDuringAnotherTenantsFlood) {
  Start();
  StartFlood(/*callers=*/96);
  ASSERT_TRUE(WaitFor([&] { return flood_answered_ > 200; }));
  constexpr size_t kContacts = 600;
  std::vector<std::string> list;
  for (uint64_t i = 0; i < kContacts; ++i) {
    list.push_back(absl::StrCat("+", kVictims + i));
  }
  LookupRequest bulk;
  bulk.tenant = "victim";
  const size_t before = flood_answered_;
  Look(list, bulk);
  const size_t beside = flood_answered_ - before;
  RecordProperty("flood_answered_beside_600", static_cast<int>(beside));
  // Each tenant gets half of the queries; the flood also has the contacts that
  // were in hand when the list arrived. If urgent lookups went first, the flood
  // would get seven of eight.
  EXPECT_LT(beside, 2 * kContacts);
  EXPECT_GT(beside, kContacts / 4);
}

TEST_F(TurnsTest, ASingleLookupDoesNotWaitForAnotherTenantsFlood) {
  Start();
  StartFlood(/*callers=*/96);
  ASSERT_TRUE(WaitFor([&] { return flood_answered_ > 200; }));
  LookupRequest request;
  request.tenant = "victim";
  const size_t before = flood_answered_;
  LookOne(absl::StrCat("+", kVictims), request);
  // A batch or two, not all 96 waiting calls and their successors.
  EXPECT_LT(flood_answered_ - before, 192u);
}

}  // namespace
}  // namespace portrait
