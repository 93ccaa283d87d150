#include "core/whatsapp/node.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace portrait::whatsapp {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(NodeTest, ReadsAttributesAsTextJidOrNumber) {
  const Node node = MakeNode("user", {{"jid", PhoneNumberJid("13105551234")},
                                      {"lid", "100875997589545@lid"},
                                      {"t", "1763716800"},
                                      {"empty", ""},
                                      {"odd", " 7"},
                                      {"minus", "-7"},
                                      {"huge", "18446744073709551616"}});
  EXPECT_EQ(node.Attribute("jid"), "13105551234@s.whatsapp.net");
  EXPECT_EQ(node.JidAttribute("jid"), PhoneNumberJid("13105551234"));
  EXPECT_EQ(node.JidAttribute("lid"), (Jid{"100875997589545", kLidServer}));
  EXPECT_EQ(node.JidAttribute("t"), std::nullopt);
  EXPECT_EQ(node.NumberAttribute("t"), 1763716800u);
  for (const char* name : {"empty", "odd", "minus", "huge", "jid", "none"}) {
    EXPECT_EQ(node.NumberAttribute(name), std::nullopt) << name;
  }
  EXPECT_EQ(node.Attribute("none"), std::nullopt);
  EXPECT_EQ(node.AttributeOr("none", "otherwise"), "otherwise");
  EXPECT_EQ(node.AttributeOr("empty", "otherwise"), "");
}

TEST(NodeTest, ReadsContentAsOctetsHoweverItWasWritten) {
  EXPECT_EQ(MakeNode("x", {}, Node::Bytes{"data"}).Data(), "data");
  EXPECT_EQ(MakeNode("x", {}, std::string("text")).Data(), "text");
  EXPECT_EQ(MakeNode("x", {}, PhoneNumberJid("1")).Data(), "1@s.whatsapp.net");
  EXPECT_EQ(MakeNode("x").Data(), "");
  EXPECT_EQ(MakeNode("x", {}, Node::Children{MakeNode("y")}).Data(), "");
}

TEST(NodeTest, FindsTheFirstChildOfATag) {
  Node node = MakeNode("list");
  EXPECT_EQ(node.FindChild("user"), nullptr);
  EXPECT_TRUE(node.children().empty());
  node.AddChild(MakeNode("user", {{"id", "1"}}));
  node.AddChild(MakeNode("user", {{"id", "2"}}));
  ASSERT_NE(node.FindChild("user"), nullptr);
  EXPECT_EQ(node.FindChild("user")->Attribute("id"), "1");
  EXPECT_EQ(node.children().size(), 2);
}

TEST(NodeTest, SetsAnAttributeInItsPlace) {
  Node node = MakeNode("iq", {{"id", "1"}, {"type", "get"}});
  node.SetAttribute("id", "2");
  node.SetAttribute("to", ServerJid());
  EXPECT_EQ(
      node,
      MakeNode("iq", {{"id", "2"}, {"type", "get"}, {"to", ServerJid()}}));
}

TEST(NodeTest, DistinguishesTextFromBytesAndJids) {
  EXPECT_NE(MakeNode("x", {}, Node::Bytes{"1"}),
            MakeNode("x", {}, std::string("1")));
  EXPECT_NE(MakeNode("x", {{"to", "@s.whatsapp.net"}}),
            MakeNode("x", {{"to", ServerJid()}}));
}

TEST(NodeTest, DebugStringHidesPersonalData) {
  Node node = MakeNode("user", {{"jid", Jid{"13105551234", kUserServer, 12}},
                                {"pn", "13105551234@s.whatsapp.net"},
                                {"url", "https://pps.whatsapp.net/secret"},
                                {"display_name", "Ann Example"},
                                {"type", "in"}});
  node.AddChild(MakeNode("contact", {}, std::string("+13105551234")));
  const std::string text = node.DebugString();
  EXPECT_THAT(text, Not(HasSubstr("13105551234")));
  EXPECT_THAT(text, Not(HasSubstr("05551")));
  EXPECT_THAT(text, Not(HasSubstr("secret")));
  EXPECT_THAT(text, Not(HasSubstr("Ann")));
  EXPECT_THAT(text, HasSubstr("type=\"in\""));
  EXPECT_THAT(text, HasSubstr("<contact/>"));
  EXPECT_THAT(text, HasSubstr("device 12"));
}

}  // namespace
}  // namespace portrait::whatsapp
