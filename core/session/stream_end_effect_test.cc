#include "core/session/stream_end_effect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace portrait {
namespace {

using ::testing::HasSubstr;
using Kind = whatsapp::StreamEnd::Kind;

TEST(StreamEndEffectTest, ReconnectsGivesUpOrWaitsAsWhatsAppSays) {
  constexpr absl::Duration kOurs = absl::Seconds(3);
  constexpr absl::Duration kNever = absl::InfiniteDuration();
  struct Case {
    Kind kind;
    absl::Duration ban;
    v1::SessionState state;
    absl::Duration wait;
  };
  const Case cases[] = {
      {Kind::kDropped, {}, v1::SESSION_STATE_CONNECTING, kOurs},
      {Kind::kProtocolError, {}, v1::SESSION_STATE_CONNECTING, kOurs},
      {Kind::kRestart, {}, v1::SESSION_STATE_CONNECTING, kOurs},
      {Kind::kThrottled, {}, v1::SESSION_STATE_THROTTLED, kOurs},
      {Kind::kReplaced, {}, v1::SESSION_STATE_PAUSED, kNever},
      {Kind::kRefused, {}, v1::SESSION_STATE_PAUSED, kNever},
      {Kind::kLoggedOut, {}, v1::SESSION_STATE_LOGGED_OUT, kNever},
      {Kind::kOutdated, {}, v1::SESSION_STATE_OUTDATED, kNever},
      {Kind::kBanned, {}, v1::SESSION_STATE_BANNED, kNever},
      {Kind::kBanned, absl::Hours(24), v1::SESSION_STATE_BANNED,
       absl::Hours(24)},
  };
  for (const Case& c : cases) {
    whatsapp::StreamEnd end;
    end.kind = c.kind;
    end.ban = c.ban;
    const StreamEndEffect effect = EffectOf(end, kOurs);
    EXPECT_EQ(effect.state, c.state) << v1::SessionState_Name(c.state);
    EXPECT_EQ(effect.wait, c.wait) << v1::SessionState_Name(c.state);
    EXPECT_NE(effect.reason, "");
    end.reason = "stream:error code=\"999\"";
    EXPECT_THAT(EffectOf(end, kOurs).reason, HasSubstr("999"));
  }
}

}  // namespace
}  // namespace portrait
