// Tests the output for people: the summary, samples, QR codes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "client/cli/columns.h"
#include "client/cli/display_width.h"
#include "client/cli/enrich_samples.h"
#include "client/cli/enrich_summary.h"
#include "client/cli/qr_drawing.h"
#include "client/cli/text_table.h"
#include "client/cli/trouble_text.h"

namespace portrait::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(EnrichSummaryTest, CountsOutcomesAndReasons) {
  EnrichSummary summary;
  v1::EnrichResult result;
  result.mutable_profile_picture()->set_state(v1::PICTURE_STATE_AVAILABLE);
  result.mutable_profile_picture()->set_source(v1::SOURCE_WHATSAPP);
  summary.Add(result);
  result.mutable_profile_picture()->set_registration(
      v1::REGISTRATION_NOT_REGISTERED);
  summary.Add(result);
  result.mutable_error()->set_reason(v1::ERROR_REASON_INVALID_CONTACT);
  summary.Add(result);
  EXPECT_EQ(summary.not_looked_up(), 0u);
  result.mutable_error()->set_reason(v1::ERROR_REASON_UPSTREAM_TIMEOUT);
  result.mutable_error()->mutable_retry_after()->set_seconds(5);
  summary.Add(result);
  EXPECT_EQ(summary.not_looked_up(), 1u);
  client::BulkProgress progress;
  progress.reconnects = 3;
  EXPECT_EQ(
      summary.Format(progress, absl::Seconds(2)),
      "4 rows in 0:02 (2/s): 1 available, 1 not on WhatsApp, 2 failed\n"
      "0 from the store, 2 from WhatsApp, 0 new or changed; reconnected 3 "
      "times, items sent again: 0\n"
      "2 failed: 1 INVALID_CONTACT, 1 UPSTREAM_TIMEOUT (retry)\n");
}

v1::EnrichResult ResultOf(v1::PictureState state, const std::string& id,
                          bool business) {
  v1::EnrichResult result;
  v1::ProfilePicture& picture = *result.mutable_profile_picture();
  picture.set_registration(v1::REGISTRATION_REGISTERED);
  picture.set_state(state);
  picture.set_id(id);
  picture.set_is_business(business);
  picture.set_phone_number("+1");
  return result;
}

TEST(EnrichSamplesTest, KeepTheFirstOfEachKindTheBestOutcomesFirst) {
  EnrichSamples samples(/*per_kind=*/2);
  v1::EnrichResult failed;
  failed.mutable_error()->set_reason(v1::ERROR_REASON_UPSTREAM_TIMEOUT);
  failed.mutable_error()->set_message("no reply within 20s");
  samples.Add("a", failed);
  failed.mutable_error()->set_reason(v1::ERROR_REASON_INVALID_CONTACT);
  failed.mutable_error()->set_message("too short");
  samples.Add("b", failed);
  samples.Add("c", ResultOf(v1::PICTURE_STATE_HIDDEN, "", false));
  samples.Add("d", ResultOf(v1::PICTURE_STATE_AVAILABLE, "1", true));
  for (const char* contact : {"e", "f", "g"}) {
    samples.Add(contact, ResultOf(v1::PICTURE_STATE_AVAILABLE, "2", false));
  }
  EXPECT_EQ(samples.Format(kNoLimit),
            "CONTACT  ADDRESS  STATE      PICTURE ID  NOTE\n"
            "e        +1       available  2\n"
            "f        +1       available  2\n"
            "d        +1       available  1           business\n"
            "c        +1       hidden\n"
            "b                 error                  INVALID_CONTACT: too "
            "short\n"
            "a                 error                  UPSTREAM_TIMEOUT: no "
            "reply within 20s\n");
}

TEST(EnrichSamplesTest, AreEmptyUnlessRequested) {
  EnrichSamples samples(/*per_kind=*/0);
  samples.Add("a", ResultOf(v1::PICTURE_STATE_AVAILABLE, "1", false));
  EXPECT_EQ(samples.Format(kNoLimit), "");
  EXPECT_EQ(EnrichSamples(/*per_kind=*/3).Format(kNoLimit), "");
}

TEST(TroubleTextTest, IsWhatTheSystemSays) {
  const absl::Status refused = absl::UnavailableError(
      "failed to connect to all addresses; last error: UNKNOWN: "
      "ipv4:127.0.0.1:1: Failed to connect to remote host: Connection refused");
  EXPECT_EQ(TroubleText(refused), "Connection refused");
  EXPECT_THAT(TroubleHint(refused), HasSubstr("portraitd"));
  const absl::Status nameless = absl::UnavailableError(
      "DNS resolution failed for nowhere:7700: C-ares status is not "
      "ARES_SUCCESS qtype=AAAA name=nowhere is_balancer=0: Domain name not "
      "found");
  EXPECT_EQ(TroubleText(nameless), "Domain name not found");
  EXPECT_THAT(TroubleHint(nameless), HasSubstr("name"));
  const absl::Status plain = absl::UnavailableError(
      "failed to connect to all addresses; last error: UNKNOWN: Ssl handshake "
      "failed: SSL_ERROR_SSL: error:0A00010B:SSL routines::wrong version");
  EXPECT_THAT(TroubleHint(plain), HasSubstr("TLS"));
  const absl::Status away = absl::UnavailableError("away: back soon");
  EXPECT_FALSE(IsUnreachable(away));
  EXPECT_EQ(TroubleText(away), "away: back soon");
}

TEST(ColumnsTest, TellEverythingThatIsKnown) {
  v1::EnrichResult result;
  v1::ProfilePicture& picture = *result.mutable_profile_picture();
  picture.set_jid("4915112345678@s.whatsapp.net");
  picture.set_registration(v1::REGISTRATION_REGISTERED);
  picture.set_state(v1::PICTURE_STATE_NOT_SET);
  picture.set_is_business(true);
  picture.set_source(v1::SOURCE_STORE);
  picture.mutable_check_time()->set_seconds(1'795'261'000);
  EXPECT_EQ(JsonMembers(ResultColumns(), ResultValues(result)),
            "\"jid\":\"4915112345678@s.whatsapp.net\",\"registered\":true,"
            "\"state\":\"not_set\",\"business\":true,"
            "\"checked\":\"2026-11-21T11:36:40Z\",\"source\":\"store\"");
  EXPECT_EQ(ResultValues(result).size(), ResultColumns().size());
  EXPECT_EQ(ChangeValues({}).size(), ChangeColumns().size());
  EXPECT_EQ(SessionValues({}).size(), SessionColumns().size());
}

TEST(QrDrawingTest, DrawsHalfBlocksWithAQuietZone) {
  const QrCode code = *QrCode::Make("HELLO");
  const std::string drawing = DrawQrCode(code, QrColors::kPlain, kQuietModules);
  const std::vector<std::string> lines =
      absl::StrSplit(drawing, '\n', absl::SkipEmpty());
  // Version 1 has 21 modules and 4 more on each side; a line has two rows.
  ASSERT_EQ(lines.size(), 15u);
  for (const std::string& line : lines) EXPECT_EQ(DisplayWidth(line), 29u);
  std::string quiet;
  for (int i = 0; i < 29; ++i) quiet += "█";
  EXPECT_EQ(lines[0], quiet);
  EXPECT_EQ(lines[1], quiet);
  EXPECT_NE(lines[2], quiet);
  EXPECT_EQ(DrawnLines(code, kQuietModules), 15);
  EXPECT_EQ(DrawnColumns(code, kQuietModules), 29);
  EXPECT_THAT(drawing, Not(HasSubstr("\033")));
  EXPECT_THAT(DrawQrCode(code, QrColors::kAnsi, kQuietModules),
              HasSubstr("\033[30;47m"));
}

}  // namespace
}  // namespace portrait::cli
