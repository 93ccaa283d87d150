#include "core/session/stream_end_effect.h"

#include <optional>
#include <string>

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

// Each of WhatsApp's codes, from the stanza to the session's state as callers
// see it.
TEST(StreamEndEffectTest, EachCodeHasItsReaction) {
  constexpr absl::Duration kOurs = absl::Seconds(3);
  constexpr absl::Duration kNever = absl::InfiniteDuration();
  using whatsapp::MakeNode;
  using whatsapp::Node;
  const auto failure = [](const char* reason) {
    return MakeNode("failure", {{"reason", std::string(reason)}});
  };
  const auto error = [](const char* code, const char* conflict = "") {
    Node node = MakeNode("stream:error");
    if (*code != '\0') node.SetAttribute("code", std::string(code));
    if (*conflict != '\0') {
      node.AddChild(MakeNode("conflict", {{"type", std::string(conflict)}}));
    }
    return node;
  };
  Node ban = failure("402");
  ban.SetAttribute("code", std::string("101"));
  ban.SetAttribute("expire", std::string("86400"));
  Node malformed = error("");
  malformed.AddChild(MakeNode("xml-not-well-formed"));
  const struct {
    Node stanza;
    v1::SessionState state;
    absl::Duration wait;
    const char* reason;
  } cases[] = {
      {failure("400"), v1::SESSION_STATE_CONNECTING, kOurs, "not understood"},
      {failure("401"), v1::SESSION_STATE_LOGGED_OUT, kNever, "unlinked"},
      {ban, v1::SESSION_STATE_BANNED, absl::Hours(24), "do not know the acc"},
      {failure("402"), v1::SESSION_STATE_CONNECTING, kOurs, "banned for a"},
      {failure("403"), v1::SESSION_STATE_BANNED, kNever, "account is locked"},
      {failure("405"), v1::SESSION_STATE_OUTDATED, kNever, "is too old"},
      {failure("406"), v1::SESSION_STATE_BANNED, kNever, "account is banned"},
      {failure("409"), v1::SESSION_STATE_PAUSED, kNever, "kind of client"},
      {failure("413"), v1::SESSION_STATE_PAUSED, kNever, "token has expired"},
      {failure("414"), v1::SESSION_STATE_PAUSED, kNever, "token is invalid"},
      {failure("415"), v1::SESSION_STATE_PAUSED, kNever, "not found"},
      {failure("418"), v1::SESSION_STATE_PAUSED, kNever, "is unknown"},
      {failure("500"), v1::SESSION_STATE_CONNECTING, kOurs, "internal error"},
      {failure("501"), v1::SESSION_STATE_CONNECTING, kOurs, "experimental"},
      {failure("503"), v1::SESSION_STATE_CONNECTING, kOurs, "not available"},
      {failure("999"), v1::SESSION_STATE_PAUSED, kNever, "failure 999"},
      {MakeNode("failure"), v1::SESSION_STATE_PAUSED, kNever, "failure ?"},
      {error("515"), v1::SESSION_STATE_CONNECTING, kOurs, "restart required"},
      {error("401", "device_removed"), v1::SESSION_STATE_LOGGED_OUT, kNever,
       "device_removed"},
      {error("401"), v1::SESSION_STATE_CONNECTING, kOurs, "not authorized"},
      {error("516"), v1::SESSION_STATE_LOGGED_OUT, kNever, "unlinked"},
      {error("", "replaced"), v1::SESSION_STATE_PAUSED, kNever, "elsewhere"},
      {error("409"), v1::SESSION_STATE_CONNECTING, kOurs, "in conflict"},
      {error("503"), v1::SESSION_STATE_CONNECTING, kOurs, "server restarts"},
      {error("500"), v1::SESSION_STATE_CONNECTING, kOurs, "500"},
      {error("429"), v1::SESSION_STATE_THROTTLED, kOurs, "too many"},
      {malformed, v1::SESSION_STATE_CONNECTING, kOurs, "xml-not-well-formed"},
      {MakeNode("xmlstreamend"), v1::SESSION_STATE_CONNECTING, kOurs,
       "xmlstreamend"},
      {MakeNode("ib", {}, Node::Children{MakeNode("downgrade_webclient")}),
       v1::SESSION_STATE_PAUSED, kNever, "too old for linked devices"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.stanza.DebugString());
    const std::optional<whatsapp::StreamEnd> end =
        whatsapp::ParseStreamEnd(c.stanza);
    ASSERT_TRUE(end.has_value());
    const StreamEndEffect effect = EffectOf(*end, kOurs);
    EXPECT_EQ(effect.state, c.state) << v1::SessionState_Name(effect.state);
    EXPECT_EQ(effect.wait, c.wait);
    EXPECT_THAT(effect.reason, HasSubstr(c.reason));
  }
}

}  // namespace
}  // namespace portrait
