#include "core/session/availability_counts.h"

#include <map>
#include <random>

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace portrait {
namespace {

using Kind = Readiness::Kind;

const absl::Time kStart = absl::FromUnixSeconds(1'800'000'000);

TEST(AvailabilityCountsTest, AgreesWithAskingEverySession) {
  std::mt19937 random(7);
  AvailabilityCounts counts;
  std::map<std::string, Readiness> sessions;
  absl::Time now = kStart;
  for (int step = 0; step < 5000; ++step) {
    const std::string name = absl::StrCat("session-", random() % 20);
    if (random() % 10 == 0) {
      counts.Remove(name);
      sessions.erase(name);
    } else {
      const Readiness readiness{
          static_cast<Kind>(random() % 3),
          now + absl::Seconds(static_cast<int>(random() % 60) - 20),
          counts.NextVersion()};
      counts.Set(name, readiness);
      sessions[name] = readiness;
    }
    now += absl::Seconds(random() % 3);
    SessionDirectory::Availability expected;
    for (const auto& [session, readiness] : sessions) {
      const SessionDirectory::Availability one = readiness.At(now);
      expected.linked += one.linked;
      expected.ready += one.ready;
      expected.next_ready = std::min(expected.next_ready, one.next_ready);
    }
    const SessionDirectory::Availability all = counts.Get(now);
    ASSERT_EQ(all.linked, expected.linked) << "step " << step;
    ASSERT_EQ(all.ready, expected.ready) << "step " << step;
    ASSERT_EQ(all.next_ready, expected.next_ready) << "step " << step;
  }
}

TEST(AvailabilityCountsTest, AnOlderReportDoesNotReplaceANewerOne) {
  AvailabilityCounts counts;
  const uint64_t before = counts.NextVersion();
  const uint64_t after = counts.NextVersion();
  counts.Set("a", {Kind::kLoggedIn, kStart, after});
  counts.Set("a", {Kind::kUnlinked, kStart, before});
  EXPECT_EQ(counts.Get(kStart).ready, 1u);
}

}  // namespace
}  // namespace portrait
