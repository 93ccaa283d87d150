#include "core/whatsapp/acks.h"

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/whatsapp/jid.h"
#include "core/whatsapp/node.h"

namespace portrait::whatsapp {
namespace {

using Attributes = std::vector<std::pair<std::string, AttributeValue>>;

const Jid kOwn{"15551230001", kUserServer, 12};
const Jid kPeer{"13105551234", kUserServer};
const Jid kPeerDevice{"13105551234", kUserServer, 3};
const Jid kPeerLid{"100875997589545", kLidServer};
const Jid kGroup{"120363000000000001", kGroupServer};

std::string Text(const char* text) { return text; }

Node Stanza(const std::string& tag, Attributes attributes,
            const std::vector<std::string>& children = {}) {
  Node node;
  node.tag = tag;
  node.attributes = std::move(attributes);
  for (const std::string& child : children) node.AddChild(MakeNode(child));
  return node;
}

// Sorts the attributes by name: their order has no meaning on the wire.
Node Sorted(Node node) {
  std::sort(node.attributes.begin(), node.attributes.end());
  return node;
}

TEST(AcksTest, EachStanzaGetsItsAck) {
  const struct {
    const char* what;
    Node stanza;
    Attributes ack;
  } cases[] = {
      {"a message says who acks it, and keeps its type",
       Stanza("message", {{"id", Text("A1")},
                          {"from", kPeer},
                          {"type", Text("text")},
                          {"t", Text("1763716800")},
                          {"offline", Text("0")}}),
       {{"class", Text("message")},
        {"id", Text("A1")},
        {"to", kPeer},
        {"type", Text("text")},
        {"from", kOwn}}},
      {"a message in a group keeps its participant, and no type is invented",
       Stanza(
           "message",
           {{"id", Text("A2")}, {"from", kGroup}, {"participant", kPeerLid}}),
       {{"class", Text("message")},
        {"id", Text("A2")},
        {"to", kGroup},
        {"participant", kPeerLid},
        {"from", kOwn}}},
      {"a status counts as a message",
       Stanza("status", {{"id", Text("A3")},
                         {"from", Jid{"status", kBroadcastServer}},
                         {"participant", kPeer}}),
       {{"class", Text("status")},
        {"id", Text("A3")},
        {"to", Jid{"status", kBroadcastServer}},
        {"participant", kPeer},
        {"from", kOwn}}},
      {"a receipt without a type gets none",
       Stanza("receipt", {{"id", Text("A4")}, {"from", kPeerDevice}}),
       {{"class", Text("receipt")}, {"id", Text("A4")}, {"to", kPeerDevice}}},
      {"a receipt keeps type, recipient and a participant of its own",
       Stanza("receipt", {{"id", Text("A5")},
                          {"from", kGroup},
                          {"participant", kPeer},
                          {"recipient", kPeerLid},
                          {"type", Text("read")}}),
       {{"class", Text("receipt")},
        {"id", Text("A5")},
        {"to", kGroup},
        {"participant", kPeer},
        {"recipient", kPeerLid},
        {"type", Text("read")}}},
      {"a receipt drops a participant that is its sender",
       Stanza("receipt",
              {{"id", Text("A6")}, {"from", kPeer}, {"participant", kPeer}}),
       {{"class", Text("receipt")}, {"id", Text("A6")}, {"to", kPeer}}},
      {"a notification keeps a participant that is its sender",
       Stanza("notification", {{"id", Text("A7")},
                               {"from", kPeer},
                               {"participant", kPeer},
                               {"type", Text("picture")}}),
       {{"class", Text("notification")},
        {"id", Text("A7")},
        {"to", kPeer},
        {"participant", kPeer},
        {"type", Text("picture")}}},
      {"a notification of a changed identity gets no type",
       Stanza("notification",
              {{"id", Text("A8")}, {"from", kPeer}, {"type", Text("encrypt")}},
              {"identity"}),
       {{"class", Text("notification")}, {"id", Text("A8")}, {"to", kPeer}}},
      {"a notification of few prekeys does",
       Stanza("notification",
              {{"id", Text("A9")},
               {"from", ServerJid()},
               {"type", Text("encrypt")}},
              {"count"}),
       {{"class", Text("notification")},
        {"id", Text("A9")},
        {"to", ServerJid()},
        {"type", Text("encrypt")}}},
      {"a call is acked and neither taken nor refused",
       Stanza("call", {{"id", Text("B1")}, {"from", kPeerLid}}, {"offer"}),
       {{"class", Text("call")}, {"id", Text("B1")}, {"to", kPeerLid}}},
      {"a JID that came as text goes back as text",
       Stanza("appdata", {{"id", Text("B2")}, {"from", Text("x@y")}}),
       {{"class", Text("appdata")}, {"id", Text("B2")}, {"to", Text("x@y")}}},
      {"what we do not know is refused, or it would come for ever",
       Stanza("hologram",
              {{"id", Text("B3")}, {"from", kPeer}, {"type", Text("blue")}}),
       {{"class", Text("hologram")},
        {"id", Text("B3")},
        {"to", kPeer},
        {"error", Text("488")},
        {"from", kOwn}}},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.what);
    const std::optional<Node> ack = MakeAck(one.stanza, kOwn);
    ASSERT_TRUE(ack.has_value());
    EXPECT_EQ(Sorted(*ack), Sorted(Stanza("ack", one.ack)));
  }
}

TEST(AcksTest, OtherStanzasGetNoAck) {
  for (const char* tag :
       {"iq", "ack", "success", "failure", "stream:error", "xmlstreamend", "ib",
        "presence", "chatstate", "error"}) {
    SCOPED_TRACE(tag);
    EXPECT_EQ(MakeAck(Stanza(tag, {{"id", Text("1")}, {"from", kPeer}}), kOwn),
              std::nullopt);
  }
  EXPECT_EQ(MakeAck(Stanza("message", {{"id", Text("1")}}), kOwn),
            std::nullopt);
  EXPECT_EQ(MakeAck(Stanza("message", {{"from", kPeer}}), kOwn), std::nullopt);
}

TEST(AcksTest, OmitsTheOwnJidUntilItIsKnown) {
  const Node message = Stanza("message", {{"id", Text("1")}, {"from", kPeer}});
  EXPECT_EQ(MakeAck(message, Jid())->Attribute("from"), std::nullopt);
}

TEST(AcksTest, APingIsAnsweredWithItsIdIfItHasOne) {
  const Node without_id = Stanza("iq", {{"from", ServerJid()},
                                        {"type", Text("get")},
                                        {"xmlns", Text("urn:xmpp:ping")}});
  EXPECT_EQ(MakePong(without_id),
            Stanza("iq", {{"to", ServerJid()}, {"type", Text("result")}}));
  const Node with_child =
      Stanza("iq", {{"id", Text("7")}, {"type", Text("get")}}, {"ping"});
  EXPECT_EQ(MakePong(with_child), Stanza("iq", {{"to", ServerJid()},
                                                {"type", Text("result")},
                                                {"id", Text("7")}}));
}

TEST(AcksTest, NothingElseIsAPing) {
  EXPECT_EQ(MakePong(Stanza("iq", {{"type", Text("result")},
                                   {"xmlns", Text("urn:xmpp:ping")}})),
            std::nullopt);
  EXPECT_EQ(MakePong(Stanza("iq", {{"type", Text("set")}}, {"pair-device"})),
            std::nullopt);
  EXPECT_EQ(MakePong(Stanza("message", {{"type", Text("get")}}, {"ping"})),
            std::nullopt);
}

}  // namespace
}  // namespace portrait::whatsapp
