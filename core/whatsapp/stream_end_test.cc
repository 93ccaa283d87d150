#include "core/whatsapp/stream_end.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace portrait::whatsapp {
namespace {

using ::testing::HasSubstr;
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
    const char* told;
  } kCases[] = {
      {"400", Kind::kDropped, "failure 400: the login was not understood"},
      {"401", Kind::kLoggedOut, "failure 401: unlinked from the account"},
      {"402", Kind::kDropped, "failure 402: banned for a time"},
      {"403", Kind::kBanned, "failure 403: the account is locked"},
      {"405", Kind::kOutdated, "failure 405: this client version is too old"},
      {"406", Kind::kBanned, "failure 406: the account is banned"},
      {"409", Kind::kRefused, "failure 409: this kind of client is refused"},
      {"413", Kind::kRefused,
       "failure 413: an authentication token has expired"},
      {"414", Kind::kRefused,
       "failure 414: an authentication token is invalid"},
      {"415", Kind::kRefused, "failure 415: not found"},
      {"418", Kind::kRefused, "failure 418: the client is unknown"},
      {"500", Kind::kDropped, "failure 500: the server has an internal error"},
      {"501", Kind::kDropped, "failure 501: experimental"},
      {"503", Kind::kDropped, "failure 503: the server is not available"},
      {"999", Kind::kRefused, "failure 999"},
      {"", Kind::kRefused, "failure "},
      {"nonsense", Kind::kRefused, "failure nonsense"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.reason);
    const std::optional<StreamEnd> end = ParseStreamEnd(
        MakeNode("failure", {{"reason", c.reason}, {"location", "frc"}}));
    ASSERT_TRUE(end.has_value());
    EXPECT_EQ(NameOf(end->kind), NameOf(c.kind));
    EXPECT_EQ(end->reason, c.told);
    EXPECT_EQ(end->ban, absl::ZeroDuration());
  }
  EXPECT_EQ(ParseStreamEnd(MakeNode("failure"))->kind, Kind::kRefused);
}

TEST(StreamEndTest, AFailureKeepsWhatsAppsMessageForTheUser) {
  const std::optional<StreamEnd> end = ParseStreamEnd(
      MakeNode("failure", {{"reason", "403"},
                           {"logout_message_header", "Locked"},
                           {"logout_message_subtext", std::string(5000, 'x')},
                           {"url", "https://faq.whatsapp.com"}}));
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->reason, "failure 403: the account is locked: Locked, " +
                             std::string(200, 'x') +
                             ", https://faq.whatsapp.com");
}

TEST(StreamEndTest, ATemporaryBanSaysHowLongAndWhy) {
  const std::optional<StreamEnd> end = ParseStreamEnd(MakeNode(
      "failure", {{"reason", "402"}, {"code", "101"}, {"expire", "86400"}}));
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->kind, Kind::kBanned);
  EXPECT_EQ(end->ban, absl::Hours(24));
  EXPECT_EQ(end->reason,
            "failure 402 code 101: banned for a time: too many messages to "
            "people who do not know the account");
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
      {StreamError("515"), Kind::kRestart,
       "stream:error 515: restart required"},
      {StreamError("503"), Kind::kDropped,
       "stream:error 503: the server restarts"},
      {StreamError("429"), Kind::kThrottled,
       "stream:error 429: too many connections"},
      {StreamError("401"), Kind::kDropped, "stream:error 401: not authorized"},
      {StreamError("516"), Kind::kLoggedOut,
       "stream:error 516: unlinked from the account"},
      {StreamError("409"), Kind::kDropped, "stream:error 409: in conflict"},
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
      {StreamError("401", {MakeNode("conflict")}), Kind::kDropped,
       "stream:error 401 conflict "},
      {StreamError("", {MakeNode("conflict", {{"type", "other"}})}),
       Kind::kDropped, "stream:error conflict other"},
      {StreamError("", {MakeNode("ack", {{"class", "message"}, {"id", "1"}})}),
       Kind::kDropped, "stream:error ack"},
      {StreamError("", {MakeNode("conflict")}), Kind::kDropped,
       "stream:error conflict "},
      {StreamError("503", {MakeNode("ack", {{"id", "1"}})}), Kind::kDropped,
       "stream:error 503 ack: the server restarts"},
      {MakeNode("xmlstreamend"), Kind::kDropped, "xmlstreamend"},
      {MakeNode("ib", {}, Node::Children{MakeNode("downgrade_webclient")}),
       Kind::kRefused,
       "downgrade_webclient: the phone's WhatsApp is too old for linked "
       "devices"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.stanza.DebugString());
    const std::optional<StreamEnd> end = ParseStreamEnd(c.stanza);
    ASSERT_TRUE(end.has_value());
    EXPECT_EQ(NameOf(end->kind), NameOf(c.kind));
    EXPECT_EQ(end->reason, c.reason);
  }
}

TEST(StreamEndTest, TheServersTextStaysShortAndOnOneLine) {
  const std::string essay = absl::StrCat("two\nlines", std::string(1000, 'x'));
  for (const Node& stanza :
       {MakeNode("failure", {{"reason", essay}}),
        MakeNode("failure", {{"reason", "403"}, {"message", essay}}),
        MakeNode("stream:error", {{"code", essay}}),
        MakeNode("stream:error", {},
                 Node::Children{MakeNode("conflict", {{"type", essay}})}),
        MakeNode("stream:error", {}, Node::Children{MakeNode(essay)})}) {
    const std::string reason = ParseStreamEnd(stanza)->reason;
    EXPECT_THAT(reason, HasSubstr("two?linesxxx"));
    EXPECT_LT(reason.size(), 300);
  }
}

TEST(StreamEndTest, OtherStanzasEndNothing) {
  for (const char* tag : {"iq", "success", "ib", "notification"}) {
    EXPECT_FALSE(ParseStreamEnd(MakeNode(tag)).has_value());
  }
}

}  // namespace
}  // namespace portrait::whatsapp
