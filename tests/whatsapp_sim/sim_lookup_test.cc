// Tests the answers to lookups: usync, pictures, their downloads, and
// notifications.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/clock.h"
#include "tests/whatsapp_sim/testing/sim_test_fixture.h"

namespace portrait::sim {
namespace {

using ::testing::HasSubstr;
using whatsapp::Jid;
using whatsapp::MakeNode;
using whatsapp::Node;

bool Visible(const v1::Account& a) {
  return a.registered() && !a.picture_id().empty() && !a.picture_hidden();
}
bool Hidden(const v1::Account& a) {
  return a.registered() && !a.picture_id().empty() && a.picture_hidden();
}
bool NotSet(const v1::Account& a) {
  return a.registered() && a.picture_id().empty();
}
bool Unregistered(const v1::Account& a) { return !a.registered(); }

Jid PnOf(const v1::Account& account) {
  return whatsapp::PhoneNumberJid(account.phone_number().substr(1));
}
Jid LidOf(const v1::Account& account) {
  return whatsapp::ParseJid(account.lid()).value();
}

// A base class, so that the clock is constructed before the simulator that
// reads it, and destroyed after it.
struct ClockOwner {
  ManualClock clock_{absl::Now()};
};

class SimLookupTest : protected ClockOwner, public SimTest {
 protected:
  static Simulator::Options Options(Clock clock) {
    Simulator::Options options;
    options.url_life = absl::Hours(1);
    options.clock = std::move(clock);
    return options;
  }
  SimLookupTest() : SimTest(Options(clock_.clock())) {}

  // Has the protocols that an existence check requests.
  static Node Usync(std::vector<Node> users,
                    std::vector<Node> protocols = {
                        MakeNode("contact"), MakeNode("lid"),
                        MakeNode("business"), MakeNode("picture")}) {
    return MakeUsync(std::move(users), std::move(protocols));
  }
  static Node Typed(const std::string& text) {
    return MakeNode("user", {},
                    Node::Children{MakeNode("contact", {}, Node::Bytes{text})});
  }
  static Node ByJid(const Jid& jid) { return MakeNode("user", {{"jid", jid}}); }
  static const Node& Users(const Node& answer) {
    return *answer.FindChild("usync")->FindChild("list");
  }
  static Node PictureQuery(const Jid& target, const std::string& type = "image",
                           const std::string& id = "") {
    Node picture =
        MakeNode("picture", {{"type", type}, {"query", std::string("url")}});
    if (!id.empty()) picture.SetAttribute("id", id);
    Node iq = MakeIq("get", "w:profile:picture", {picture});
    iq.SetAttribute("target", target);
    return iq;
  }
};

TEST_F(SimLookupTest, UsyncReturnsTheFactsOfTheDirectory) {
  SimTestClient client = Login(Link());
  const v1::Account visible = Find(Visible), hidden = Find(Hidden),
                    not_set = Find(NotSet);
  const Node answer = client
                          .Ask(Usync({Typed(visible.phone_number()),
                                      Typed(hidden.phone_number() + "@c.us"),
                                      Typed(not_set.phone_number().substr(1))}))
                          .value();
  const std::vector<Node>& users = Users(answer).children();
  ASSERT_EQ(3u, users.size());
  EXPECT_EQ(PnOf(visible), users[0].JidAttribute("jid"));
  EXPECT_EQ("in", users[0].FindChild("contact")->AttributeOr("type"));
  EXPECT_EQ(visible.phone_number(), users[0].FindChild("contact")->Data());
  EXPECT_EQ(LidOf(visible), users[0].FindChild("lid")->JidAttribute("val"));
  EXPECT_EQ(visible.picture_id(),
            users[0].FindChild("picture")->AttributeOr("id"));
  EXPECT_EQ(visible.is_business(), users[0].FindChild("business") != nullptr);
  EXPECT_EQ(hidden.phone_number() + "@c.us",
            users[1].FindChild("contact")->Data());
  EXPECT_EQ("401", ErrorCode(*users[1].FindChild("picture")));
  EXPECT_EQ("404", ErrorCode(*users[2].FindChild("picture")));
  EXPECT_EQ(0u, NewProtocolErrors());
}

TEST_F(SimLookupTest, UsyncReportsUnregisteredNumbers) {
  SimTestClient client = Login(Link());
  std::vector<Node> asked;
  for (int i = 0; i < 60; ++i) {
    const v1::Account account =
        *simulator_.control().GetAccount(absl::StrCat("+", kFirstNumber + i));
    if (!account.registered()) asked.push_back(Typed(account.phone_number()));
  }
  asked.push_back(Typed("+0123"));
  const Node answer = client.Ask(Usync(asked)).value();
  const std::vector<Node>& users = Users(answer).children();
  ASSERT_EQ(asked.size(), users.size());
  EXPECT_EQ("invalid", users.back().FindChild("contact")->AttributeOr("type"));
  int with_jid = 0;
  for (size_t i = 0; i + 1 < users.size(); ++i) {
    EXPECT_EQ("out", users[i].FindChild("contact")->AttributeOr("type"));
    EXPECT_EQ(nullptr, users[i].FindChild("picture"));
    with_jid += users[i].JidAttribute("jid").has_value();
  }
  // WhatsApp sends both forms.
  EXPECT_GT(with_jid, 0);
  EXPECT_LT(with_jid, static_cast<int>(users.size()) - 1);
}

TEST_F(SimLookupTest, UsyncAddressesByLidIfRequested) {
  SimTestClient client = Login(Link());
  const v1::Account account = Find(Visible), nobody = Find(Unregistered);
  const Node answer =
      client
          .Ask(Usync(
              {Typed(account.phone_number()), Typed(nobody.phone_number())},
              {MakeNode("contact", {{"addressing_mode", std::string("lid")}})}))
          .value();
  const std::vector<Node>& users = Users(answer).children();
  ASSERT_EQ(2u, users.size());
  EXPECT_EQ(LidOf(account), users[0].JidAttribute("jid"));
  EXPECT_EQ(PnOf(account), users[0].JidAttribute("pn_jid"));
  EXPECT_EQ(PnOf(nobody), users[1].JidAttribute("jid"));
  EXPECT_EQ(PnOf(nobody), users[1].JidAttribute("pn_jid"));
}

TEST_F(SimLookupTest, UsyncByLidOmitsUnknownLids) {
  SimTestClient client = Login(Link());
  const v1::Account account = Find(Visible);
  const Node answer =
      client
          .Ask(Usync({ByJid(LidOf(account)),
                      ByJid({"123456789012345", whatsapp::kLidServer})},
                     {MakeNode("lid"), MakeNode("picture")}))
          .value();
  const std::vector<Node>& users = Users(answer).children();
  ASSERT_GE(users.size(), 1u);
  EXPECT_EQ(LidOf(account), users[0].JidAttribute("jid"));
  EXPECT_FALSE(users[0].Attribute("pn_jid").has_value());
}

TEST_F(SimLookupTest, RefusesUsyncQueriesThatWhatsAppRefuses) {
  SimTestClient client = Login(Link());
  const v1::Account account = Find(Visible);
  Jid with_device = PnOf(account);
  with_device.device = 3;
  ASSERT_TRUE(client.Ask(Usync({Typed(account.phone_number())})).ok());
  const Jid lid_as_number = whatsapp::PhoneNumberJid(LidOf(account).user);
  const std::vector<Node> refused = {
      Usync({}),
      Usync({Typed(account.phone_number())}, {}),
      Usync({Typed(account.phone_number())},
            {MakeNode("contact"), MakeNode("contact")}),
      Usync({Typed(account.phone_number())}, {MakeNode("lid")}),
      Usync({ByJid(with_device)}),
      Usync({ByJid(lid_as_number)}),
      Usync({MakeNode("user",
                      {{"jid", std::string("15550200000@s.whatsapp.net")}})}),
      MakeIq("get", "usync"),
      MakeIq("get", "no:such:thing"),
  };
  EXPECT_EQ(0u, NewProtocolErrors());
  for (size_t i = 0; i < refused.size(); ++i) {
    SCOPED_TRACE(refused[i].DebugString());
    const Node answer = client.Ask(refused[i]).value();
    EXPECT_EQ("error", answer.AttributeOr("type"));
    EXPECT_EQ(1u, NewProtocolErrors());
  }
}

TEST_F(SimLookupTest, SendsNoAnswerWhereWhatsAppSendsNone) {
  const whatsapp::Device device = Link();
  SimTestClient client = Login(device);
  const Node token = MakeNode("tctoken", {}, Node::Bytes{"token"});
  Node own = PictureQuery(device.jid.WithoutDevice());
  std::get<Node::Children>(own.content)[0].AddChild(token);
  Node beside = PictureQuery(PnOf(Find(Visible)));
  beside.AddChild(token);
  for (const Node& silenced :
       {own, beside, PictureQuery(whatsapp::PhoneNumberJid("0")),
        Usync({ByJid(whatsapp::PhoneNumberJid("0"))}, {MakeNode("picture")})}) {
    EXPECT_TRUE(client.IsMetWithSilence(silenced)) << silenced.DebugString();
    EXPECT_EQ(1u, NewProtocolErrors());
  }
  EXPECT_FALSE(
      client.IsMetWithSilence(PictureQuery(device.jid.WithoutDevice())));
}

TEST_F(SimLookupTest, PictureQueriesHaveEachOutcome) {
  SimTestClient client = Login(Link());
  const v1::Account visible = Find(Visible);
  for (const Jid& jid : {PnOf(visible), LidOf(visible)}) {
    const Node answer = client.Ask(PictureQuery(jid, "preview")).value();
    const Node* picture = answer.FindChild("picture");
    ASSERT_NE(nullptr, picture);
    EXPECT_EQ(visible.picture_id(), picture->AttributeOr("id"));
    EXPECT_EQ("preview", picture->AttributeOr("type"));
    EXPECT_EQ(picture->AttributeOr("url"),
              endpoints_.cdn + picture->AttributeOr("direct_path"));
  }
  const auto code = [&](const v1::Account& account) {
    return ErrorCode(client.Ask(PictureQuery(PnOf(account))).value());
  };
  EXPECT_EQ("404", code(Find(NotSet)));
  EXPECT_EQ("401", code(Find(Hidden)));
  EXPECT_EQ("404", code(Find(Unregistered)));
  const v1::GetStatsResponse stats = simulator_.control().GetStats();
  EXPECT_EQ(5u, stats.picture_queries());
  EXPECT_EQ(1u, stats.unregistered_picture_queries());
}

TEST_F(SimLookupTest, AnswersUnchangedIfTheQueryHasTheCurrentId) {
  SimTestClient client = Login(Link());
  int without_child = 0, with_status = 0;
  for (uint64_t number = kFirstNumber; number < kFirstNumber + 40; ++number) {
    const v1::Account account =
        *simulator_.control().GetAccount(absl::StrCat("+", number));
    if (!Visible(account)) continue;
    const Node answer =
        client.Ask(PictureQuery(PnOf(account), "image", account.picture_id()))
            .value();
    EXPECT_EQ("result", answer.AttributeOr("type"));
    const Node* picture = answer.FindChild("picture");
    if (picture == nullptr) {
      ++without_child;
    } else {
      EXPECT_EQ("304", picture->AttributeOr("status"));
      ++with_status;
    }
  }
  EXPECT_GT(without_child, 0);
  EXPECT_GT(with_status, 0);
}

TEST_F(SimLookupTest, PicturesOfGroupsComeSinglyAndByTheThousand) {
  SimTestClient client = Login(Link());
  std::vector<Node> asked;
  for (int i = 0; i < 1000; ++i) {
    asked.push_back(
        MakeNode("picture", {{"jid", Jid{absl::StrCat("12036304040000", i),
                                         whatsapp::kGroupServer}},
                             {"type", std::string("preview")}}));
  }
  const auto ask = [&] {
    Node iq = MakeIq("get", "w:g2", {MakeNode("pictures", {}, asked)});
    iq.SetAttribute("to", Jid{"", whatsapp::kGroupServer});
    return client.Ask(iq).value();
  };
  const Node answer = ask();
  std::map<std::string, Node> pictures;
  for (const Node& picture : answer.FindChild("pictures")->children()) {
    pictures[picture.AttributeOr("jid")] = picture;
  }
  int hidden = 0, without = 0, shown = 0;
  for (int i = 0; i < 30; ++i) {
    const Jid jid = *asked[i].JidAttribute("jid");
    const Node single = client.Ask(PictureQuery(jid)).value();
    const auto entry = pictures.find(jid.ToString());
    if (entry == pictures.end()) {
      // For a hidden picture, the answer has no entry.
      EXPECT_EQ("401", ErrorCode(single));
      ++hidden;
    } else if (entry->second.Attribute("url").has_value()) {
      EXPECT_EQ(single.FindChild("picture")->AttributeOr("id"),
                entry->second.AttributeOr("id"));
      ++shown;
    } else {
      EXPECT_EQ("404", ErrorCode(single));
      ++without;
    }
  }
  EXPECT_GT(hidden, 0);
  EXPECT_GT(without, 0);
  EXPECT_GT(shown, 0);
  asked.push_back(
      MakeNode("picture", {{"jid", Jid{"1", whatsapp::kGroupServer}}}));
  EXPECT_EQ("400", ErrorCode(ask()));
}

TEST_F(SimLookupTest, NotifiesOfChangedPicturesUntilAcknowledged) {
  const whatsapp::Device device = Link();
  v1::Account account = Find(Visible);
  {
    SimTestClient client = Login(device);
    ASSERT_TRUE(client.Ask(Usync({Typed(account.phone_number())})).ok());
    account.set_picture_id("1800000001");
    ASSERT_TRUE(simulator_.control().SetAccount(account, true).ok());
    const Node news = client.ReceiveTag("notification").value();
    EXPECT_EQ("picture", news.AttributeOr("type"));
    EXPECT_EQ(PnOf(account), news.FindChild("set")->JidAttribute("jid"));
    EXPECT_EQ("1800000001", news.FindChild("set")->AttributeOr("id"));
  }
  // The last notification was not acknowledged; more are queued while the
  // client is offline.
  for (int i = 2; i <= 9; ++i) {
    account.set_picture_id(absl::StrCat("180000000", i));
    ASSERT_TRUE(simulator_.control().SetAccount(account, true).ok());
  }
  SimTestClient client = Login(device);
  std::vector<Node> news;
  const auto receive = [&](size_t count) {
    while (news.size() < count) {
      const auto stanza = client.ReceiveTag("notification");
      ASSERT_TRUE(stanza.ok()) << stanza.status();
      EXPECT_TRUE(stanza->Attribute("offline").has_value());
      news.push_back(*stanza);
    }
  };
  receive(5);
  // No more stanzas arrive before the client requests them.
  ASSERT_TRUE(client.IsMetWithSilence(MakeNode("ib")));
  ASSERT_TRUE(client
                  .Send(MakeNode(
                      "ib", {},
                      Node::Children{MakeNode(
                          "offline_batch", {{"count", std::string("200")}})}))
                  .ok());
  receive(9);
  EXPECT_EQ(
      "9", client.ReceiveTag("ib")->FindChild("offline")->AttributeOr("count"));
  for (const Node& stanza : news) {
    ASSERT_TRUE(
        client
            .Send(MakeNode("ack", {{"class", stanza.tag},
                                   {"id", stanza.AttributeOr("id")},
                                   {"to", *stanza.JidAttribute("from")},
                                   {"type", stanza.AttributeOr("type")}}))
            .ok());
  }
  ASSERT_TRUE(client.Ask(MakeIq("get", "w:p")).ok());
  SimTestClient again = Connect(device);
  EXPECT_EQ("0", [&] {
    for (;;) {
      const Node ib = again.ReceiveTag("ib").value();
      const Node* preview = ib.FindChild("offline_preview");
      if (preview != nullptr) return preview->AttributeOr("count");
    }
  }());
}

TEST_F(SimLookupTest, CountsAcksWithoutAStanza) {
  SimTestClient client = Login(Link());
  ASSERT_TRUE(client
                  .Send(MakeNode("ack", {{"class", std::string("notification")},
                                         {"id", std::string("1")},
                                         {"to", whatsapp::ServerJid()}}))
                  .ok());
  ASSERT_TRUE(client.Ask(MakeIq("get", "w:p")).ok());
  EXPECT_EQ(1u, NewProtocolErrors());
}

TEST_F(SimLookupTest, DownloadsAreSignedAndExpire) {
  namespace http = boost::beast::http;
  SimTestClient client = Login(Link());
  const auto download = [&](const std::string& target) {
    boost::asio::io_context io;
    boost::asio::ip::tcp::socket socket(io);
    const std::string port =
        endpoints_.cdn.substr(endpoints_.cdn.rfind(':') + 1);
    uint32_t number = 0;
    EXPECT_TRUE(absl::SimpleAtoi(port, &number));
    socket.connect({boost::asio::ip::address_v4::loopback(),
                    static_cast<uint16_t>(number)});
    http::request<http::empty_body> request(http::verb::get, target, 11);
    request.set(http::field::host, "127.0.0.1");
    http::write(socket, request);
    boost::beast::flat_buffer buffer;
    http::response<http::string_body> response;
    http::read(socket, buffer, response);
    return response;
  };
  const std::string path = client.Ask(PictureQuery(PnOf(Find(Visible))))
                               ->FindChild("picture")
                               ->AttributeOr("direct_path");
  const auto picture = download(path);
  EXPECT_EQ(200u, picture.result_int());
  EXPECT_EQ("image/jpeg", picture[http::field::content_type]);
  EXPECT_TRUE(absl::StartsWith(picture.body(), "\xff\xd8\xff"));
  EXPECT_TRUE(absl::EndsWith(picture.body(), "\xff\xd9"));
  EXPECT_EQ(picture.body(), download(path).body());
  EXPECT_EQ(403u, download(path + "x").result_int());
  EXPECT_EQ(404u, download("/").result_int());
  EXPECT_EQ(2u, simulator_.control().GetStats().images_served());
  clock_.Advance(absl::Hours(2));
  const auto expired = download(path);
  EXPECT_EQ(403u, expired.result_int());
  EXPECT_THAT(expired.body(), HasSubstr("expired"));
}

}  // namespace
}  // namespace portrait::sim
