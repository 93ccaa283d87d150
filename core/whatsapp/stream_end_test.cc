#include "core/whatsapp/stream_end.h"

#include "gtest/gtest.h"

namespace portrait::whatsapp {
namespace {

using Kind = StreamEnd::Kind;

std::string NameOf(Kind kind) {
  static constexpr const char* kNames[] = {
      "dropped", "restart",  "throttled", "replaced",      "logged out",
      "banned",  "outdated", "refused",   "protocol error"};
  return kNames[static_cast<int>(kind)];
}

TEST(StreamEndTest, EachFailureHasItsMeaning) {
  const struct {
    const char* reason;
    Kind kind;
  } kCases[] = {
      {"400", Kind::kRefused},      {"401", Kind::kLoggedOut},
      {"402", Kind::kBanned},       {"403", Kind::kBanned},
      {"405", Kind::kOutdated},     {"406", Kind::kBanned},
      {"409", Kind::kRefused},      {"413", Kind::kRefused},
      {"414", Kind::kRefused},      {"415", Kind::kRefused},
      {"418", Kind::kRefused},      {"500", Kind::kDropped},
      {"501", Kind::kRefused},      {"503", Kind::kDropped},
      {"999", Kind::kRefused},      {"", Kind::kRefused},
      {"nonsense", Kind::kRefused},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.reason);
    const std::optional<StreamEnd> end = ParseStreamEnd(
        MakeNode("failure", {{"reason", c.reason}, {"location", "frc"}}));
    ASSERT_TRUE(end.has_value());
    EXPECT_EQ(NameOf(end->kind), NameOf(c.kind));
    std::string reason = std::string("failure ") + c.reason;
    if (c.kind == Kind::kOutdated) reason += ": this client version is too old";
    EXPECT_EQ(end->reason, reason);
    EXPECT_EQ(end->ban, absl::ZeroDuration());
  }
  EXPECT_EQ(ParseStreamEnd(MakeNode("failure"))->kind, Kind::kRefused);
}

TEST(StreamEndTest, ATemporaryBanSaysHowLongAndWhy) {
  const std::optional<StreamEnd> end = ParseStreamEnd(MakeNode(
      "failure", {{"reason", "402"}, {"code", "101"}, {"expire", "86400"}}));
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->kind, Kind::kBanned);
  EXPECT_EQ(end->ban, absl::Hours(24));
  EXPECT_EQ(end->reason,
            "failure 402 code 101: too many messages to people who do not know "
            "the account");
  EXPECT_EQ(
      ParseStreamEnd(MakeNode("failure", {{"reason", "402"},
                                          {"expire", "18446744073709551615"}}))
          ->ban,
      absl::ZeroDuration());
}

Node StreamError(const char* code, Node::Children children = {}) {
  Node error = MakeNode("stream:error");
  if (*code != '\0') error.SetAttribute("code", code);
  if (!children.empty()) error.content = std::move(children);
  return error;
}

TEST(StreamEndTest, EachStreamErrorHasItsMeaning) {
  const Node removed = MakeNode("conflict", {{"type", "device_removed"}});
  const Node replaced = MakeNode("conflict", {{"type", "replaced"}});
  const struct {
    Node stanza;
    Kind kind;
    const char* reason;
  } kCases[] = {
      {StreamError("515"), Kind::kRestart, "stream:error 515"},
      {StreamError("503"), Kind::kDropped, "stream:error 503"},
      {StreamError("429"), Kind::kThrottled, "stream:error 429"},
      {StreamError("401"), Kind::kLoggedOut, "stream:error 401"},
      {StreamError("516"), Kind::kLoggedOut, "stream:error 516"},
      {StreamError("409"), Kind::kReplaced, "stream:error 409"},
      {StreamError("500"), Kind::kProtocolError, "stream:error 500"},
      {StreamError("479"), Kind::kProtocolError, "stream:error 479"},
      {StreamError(""), Kind::kProtocolError, "stream:error"},
      {StreamError("", {MakeNode("xml-not-well-formed")}), Kind::kProtocolError,
       "stream:error xml-not-well-formed"},
      {StreamError("401", {removed}), Kind::kLoggedOut,
       "stream:error 401 conflict device_removed"},
      {StreamError("", {removed}), Kind::kLoggedOut,
       "stream:error conflict device_removed"},
      {StreamError("", {replaced}), Kind::kReplaced,
       "stream:error conflict replaced"},
      {StreamError("409", {replaced}), Kind::kReplaced,
       "stream:error 409 conflict replaced"},
      {StreamError("401", {replaced}), Kind::kReplaced,
       "stream:error 401 conflict replaced"},
      {StreamError("", {MakeNode("conflict")}), Kind::kReplaced,
       "stream:error conflict "},
      {StreamError("503", {MakeNode("ack", {{"id", "1"}})}), Kind::kDropped,
       "stream:error 503 ack"},
      {MakeNode("xmlstreamend"), Kind::kDropped, "xmlstreamend"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.stanza.DebugString());
    const std::optional<StreamEnd> end = ParseStreamEnd(c.stanza);
    ASSERT_TRUE(end.has_value());
    EXPECT_EQ(NameOf(end->kind), NameOf(c.kind));
    EXPECT_EQ(end->reason, c.reason);
  }
}

TEST(StreamEndTest, AReminderOfAnAckAndOtherStanzasEndNothing) {
  EXPECT_FALSE(
      ParseStreamEnd(StreamError("", {MakeNode("ack", {{"class", "message"},
                                                       {"id", "1"}})}))
          .has_value());
  for (const char* tag : {"iq", "success", "ib", "notification"}) {
    EXPECT_FALSE(ParseStreamEnd(MakeNode(tag)).has_value());
  }
}

}  // namespace
}  // namespace portrait::whatsapp
