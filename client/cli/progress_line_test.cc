// Tests the progress line of an enrichment; the tests set the clock.
#include "client/cli/progress_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "client/cli/text_table.h"

namespace portrait::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr size_t kWide = 200;

class ProgressLineTest : public ::testing::Test {
 protected:
  // The line after `seconds`, with `completed` results.
  std::string At(int seconds, uint64_t completed) {
    progress_.completed = completed;
    return line_.Format(progress_, start_ + absl::Seconds(seconds), kWide);
  }

  // The server's progress; it arrives after `seconds`.
  void ServerSays(int seconds, uint64_t received, uint64_t completed,
                  int remaining_seconds) {
    progress_.server_time = start_ + absl::Seconds(seconds);
    v1::EnrichProgress& server = progress_.server.emplace();
    server.set_sessions_ready(1);
    server.set_received(received);
    server.set_completed(completed);
    server.mutable_estimated_remaining()->set_seconds(remaining_seconds);
  }

  const absl::Time start_ = absl::FromUnixSeconds(1'000);
  ProgressLine line_{/*enabled=*/false, 1'000};
  client::BulkProgress progress_;
};

TEST_F(ProgressLineTest, ShowsTheCountsTheRateAndTheRemainingTime) {
  At(0, 0);
  progress_.from_store = 150;
  progress_.from_whatsapp = 40;
  progress_.failed = 10;
  progress_.changed = 7;
  EXPECT_EQ(At(4, 200),
            "200/1,000  50/s  0:16 left  store 150  WhatsApp 40  failed 10  "
            "changed 7");
}

TEST_F(ProgressLineTest, TheRateIsThatOfTheLastSeconds) {
  At(0, 0);
  EXPECT_THAT(At(2, 400), HasSubstr("  200/s  "));
  EXPECT_THAT(At(10, 420), HasSubstr("  42/s  "));
  EXPECT_THAT(At(12, 424), HasSubstr("  2.4/s  "));
  EXPECT_THAT(At(30, 424), HasSubstr("  0/s  "));
}

TEST_F(ProgressLineTest, ShowsNoRateInTheFirstSecond) {
  EXPECT_THAT(At(0, 0), Not(HasSubstr("/s")));
  EXPECT_THAT(line_.Format(progress_, start_ + absl::Milliseconds(400), kWide),
              Not(HasSubstr("/s")));
  EXPECT_THAT(At(1, 3), HasSubstr("3.0/s"));
}

TEST_F(ProgressLineTest, TheRemainingTimeIsTheServersEstimate) {
  At(0, 0);
  // 900 of 1,000 rows are at the server, which takes 9 s for the other 800.
  ServerSays(/*seconds=*/1, /*received=*/900, /*completed=*/100, 8);
  EXPECT_THAT(At(1, 100), HasSubstr("  0:09 left  "));
  // The remaining time also decreases without another message.
  EXPECT_THAT(At(4, 100), HasSubstr("  0:06 left  "));
  EXPECT_THAT(At(40, 100), HasSubstr("  0:00 left  "));
  ServerSays(/*seconds=*/41, /*received=*/1'000, /*completed=*/990, 2);
  EXPECT_THAT(At(41, 990), HasSubstr("  0:02 left  "));
  EXPECT_THAT(At(42, 1'000), Not(HasSubstr("left")));
}

TEST_F(ProgressLineTest, AnUnknownTotalHasNoRemainingTime) {
  ProgressLine line(/*enabled=*/false, std::nullopt);
  ServerSays(/*seconds=*/0, /*received=*/900, /*completed=*/100, 8);
  progress_.completed = 100;
  line.Format(progress_, start_, kWide);
  EXPECT_EQ(line.Format(progress_, start_ + absl::Seconds(2), kWide),
            "100  0/s  store 0  WhatsApp 0  failed 0  changed 0");
}

TEST_F(ProgressLineTest, ShowsThePartsThatFitWhole) {
  At(0, 0);
  progress_.completed = 200;
  const absl::Time now = start_ + absl::Seconds(4);
  EXPECT_EQ(line_.Format(progress_, now, 40),
            "200/1,000  50/s  0:16 left  store 0");
  EXPECT_EQ(line_.Format(progress_, now, 20), "200/1,000  50/s");
}

TEST_F(ProgressLineTest, ReportsTheReasonForWaiting) {
  progress_.server.emplace().set_received(5);
  EXPECT_EQ(At(0, 0), "0/1,000  waiting: no WhatsApp account is ready");
  progress_.trouble = absl::UnavailableError("Connection refused");
  EXPECT_EQ(At(0, 0), "0/1,000  no server, retrying: Connection refused");
}

TEST_F(ProgressLineTest, WritesNumbersAndTimesForPeople) {
  EXPECT_EQ(WithCommas(0), "0");
  EXPECT_EQ(WithCommas(999), "999");
  EXPECT_EQ(WithCommas(1'234'567), "1,234,567");
  EXPECT_EQ(ClockText(absl::Seconds(7)), "0:07");
  EXPECT_EQ(ClockText(absl::Seconds(11'105)), "3:05:05");
}

}  // namespace
}  // namespace portrait::cli
