// Tests facts that need a certain form of query or a token: pictures behind a
// token, groups and communities, channels, numbers with two spellings.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/whatsapp/privacy_token.h"
#include "core/whatsapp/queries.h"
#include "tests/support/test_deadline.h"
#include "tests/whatsapp_sim/testing/sim_test_fixture.h"

namespace portrait::sim {
namespace {

using ::testing::HasSubstr;
using whatsapp::Jid;
using whatsapp::MakeNode;
using whatsapp::Node;
using whatsapp::PictureAnswer;

constexpr char kToken[] = "tctoken";

class SimFactsTest : public SimTest {
 protected:
  explicit SimFactsTest(Simulator::Options options = {})
      : SimTest(std::move(options)), client_(Login(Link())) {}

  static Jid PnOf(const v1::Account& account) {
    return whatsapp::PhoneNumberJid(account.phone_number().substr(1));
  }
  v1::Account Gated() {
    v1::Account account = Find([](const v1::Account& each) {
      return each.registered() && !each.picture_id().empty() &&
             !each.picture_hidden();
    });
    account.set_picture_needs_token(true);
    return simulator_.control().SetAccount(account, false).value();
  }
  // Returns the token of `account`, as a client receives it.
  std::string ReceiveToken(const v1::Account& account) {
    EXPECT_TRUE(simulator_.control()
                    .GivePrivacyToken(account.phone_number(), kPhone)
                    .ok());
    const std::vector<whatsapp::PrivacyToken> tokens =
        whatsapp::ParsePrivacyTokens(
            client_.ReceiveTag("notification").value());
    EXPECT_EQ(1u, tokens.size());
    EXPECT_EQ(PnOf(account), tokens.at(0).pn);
    EXPECT_EQ(account.lid(), tokens.at(0).lid.ToString());
    return tokens.at(0).bytes;
  }
  static Node Query(const Jid& target, const std::string& token = "") {
    whatsapp::PictureQuery query;
    query.target = target;
    query.privacy_token = token;
    return whatsapp::MakePictureQuery(query);
  }
  std::string LastRule() { return simulator_.protocol_errors().back(); }

  SimTestClient client_;
};

TEST_F(SimFactsTest, APictureBehindATokenIsShownToTheTokensOwner) {
  const v1::Account account = Gated();
  EXPECT_EQ("401", ErrorCode(client_.Ask(Query(PnOf(account))).value()));
  const std::string token = ReceiveToken(account);
  const Node answer = client_.Ask(Query(PnOf(account), token)).value();
  ASSERT_NE(nullptr, answer.FindChild("picture"));
  EXPECT_EQ(account.picture_id(),
            answer.FindChild("picture")->AttributeOr("id"));
  EXPECT_EQ(0u, NewProtocolErrors());
}

TEST_F(SimFactsTest, AnInvalidOrMisplacedTokenIsAProtocolError) {
  const v1::Account account = Gated();
  const std::string token = ReceiveToken(account);
  // Another account's token, a forged token, and a token for a group.
  const v1::Account other = Find([&](const v1::Account& each) {
    return each.registered() && each.phone_number() != account.phone_number();
  });
  for (const Node& refused :
       {Query(PnOf(other), token), Query(PnOf(account), "forged"),
        Query({"120363041234567890", whatsapp::kGroupServer}, token)}) {
    EXPECT_EQ("400", ErrorCode(client_.Ask(refused).value()));
    EXPECT_EQ(1u, NewProtocolErrors());
    EXPECT_THAT(LastRule(), HasSubstr("token"));
  }
  // Baileys also sends the time of the token. No client sends anything else,
  // which WhatsApp ignores.
  Node with_time = Query(PnOf(account), token);
  std::get<Node::Children>(
      std::get<Node::Children>(with_time.content)[0].content)[0]
      .SetAttribute("t", "1");
  EXPECT_EQ("", ErrorCode(client_.Ask(with_time).value()));
  EXPECT_EQ(0u, NewProtocolErrors());
  Node with_attribute = Query(PnOf(account), token);
  std::get<Node::Children>(
      std::get<Node::Children>(with_attribute.content)[0].content)[0]
      .SetAttribute("odd", "1");
  EXPECT_EQ("", ErrorCode(client_.Ask(with_attribute).value()));
  EXPECT_EQ(1u, NewProtocolErrors());
  EXPECT_THAT(LastRule(), HasSubstr("tctoken odd"));
}

TEST_F(SimFactsTest, UsyncTakesATokenWithTheStatusProtocolOnly) {
  const v1::Account account = Gated();
  Node user = MakeNode("user", {{"jid", PnOf(account)}});
  user.AddChild(MakeNode(kToken, {}, Node::Bytes{ReceiveToken(account)}));
  const Node told =
      client_.Ask(MakeUsync({user}, {MakeNode("picture"), MakeNode("status")}))
          .value();
  const Node& shown =
      told.FindChild("usync")->FindChild("list")->children().at(0);
  EXPECT_EQ(account.picture_id(),
            shown.FindChild("picture")->AttributeOr("id"));
  EXPECT_EQ(0u, NewProtocolErrors());
  EXPECT_EQ(
      "400",
      ErrorCode(client_.Ask(MakeUsync({user}, {MakeNode("picture")})).value()));
  EXPECT_EQ(1u, NewProtocolErrors());
}

TEST_F(SimFactsTest, ATokenThatAClientIssuesReachesTheOther) {
  SimTestClient other = Login(Link("+15550100002"));
  const Node token =
      MakeNode("token", {{"jid", whatsapp::PhoneNumberJid("15550100002")},
                         {"t", absl::StrCat(absl::ToUnixSeconds(absl::Now()))},
                         {"type", std::string("trusted_contact")}});
  ASSERT_TRUE(client_
                  .Ask(MakeIq("set", "privacy",
                              {MakeNode("tokens", {}, Node::Children{token})}))
                  .ok());
  const Node heard = other.ReceiveTag("notification").value();
  EXPECT_EQ("privacy_token", heard.AttributeOr("type"));
  EXPECT_EQ(1u, whatsapp::ParsePrivacyTokens(heard).size());
}

TEST_F(SimFactsTest, ACommunityAnswersToItsOwnFormOnly) {
  v1::Account community;
  community.set_phone_number("120363041234567890@g.us");
  community.set_picture_id("17");
  community.set_is_community(true);
  ASSERT_TRUE(simulator_.control().SetAccount(community, false).ok());
  Restart();
  SimTestClient client = Login(Link());
  whatsapp::PictureQuery query;
  query.target = whatsapp::ParseJid(community.phone_number()).value();
  EXPECT_EQ("401", ErrorCode(client.Ask(MakePictureQuery(query)).value()));
  query.as_community = true;
  const auto found = whatsapp::ParsePictureAnswer(
      client.Ask(MakePictureQuery(query)).value(), query);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ("17", found->id);
  query.existing_id = "17";
  EXPECT_EQ(PictureAnswer::Outcome::kUnchanged,
            whatsapp::ParsePictureAnswer(
                client.Ask(MakePictureQuery(query)).value(), query)
                ->outcome);
  EXPECT_EQ(0u, NewProtocolErrors());
}

TEST_F(SimFactsTest, AGroupQueryOfTheWrongFormIsRefused) {
  const Jid group = {"120363041234567890", whatsapp::kGroupServer};
  Node with_query =
      whatsapp::MakeGroupPicturesQuery({group}, whatsapp::PictureType::kImage);
  std::get<Node::Children>(
      std::get<Node::Children>(with_query.content)[0].content)[0]
      .SetAttribute("query", "url");
  Node to_server = whatsapp::MakeGroupPicturesQuery(
      {group, {"120363041234567891", whatsapp::kGroupServer}},
      whatsapp::PictureType::kImage);
  to_server.SetAttribute("to", whatsapp::ServerJid());
  for (const Node& refused :
       {with_query, to_server,
        whatsapp::MakeGroupPicturesQuery({group, group},
                                         whatsapp::PictureType::kImage)}) {
    EXPECT_EQ("400", ErrorCode(client_.Ask(refused).value()));
    EXPECT_EQ(1u, NewProtocolErrors());
  }
}

TEST_F(SimFactsTest, AChannelQueryWithoutAVariableIsRefused) {
  const Jid channel = {"120363144038483540", whatsapp::kNewsletterServer};
  EXPECT_TRUE(whatsapp::ParseChannelAnswer(
                  client_.Ask(whatsapp::MakeChannelQuery(channel)).value())
                  .ok());
  EXPECT_EQ(0u, NewProtocolErrors());
  Node partial = whatsapp::MakeChannelQuery(channel);
  std::get<Node::Children>(partial.content)[0].content = Node::Bytes{
      R"({"variables":{"input":{"key":"1@newsletter","type":"JID"}}})"};
  EXPECT_EQ("400", ErrorCode(client_.Ask(partial).value()));
  EXPECT_EQ(1u, NewProtocolErrors());
}

TEST_F(SimFactsTest, AKnownLidIsAHintOfItsProtocol) {
  Node user = MakeNode(
      "user", {},
      Node::Children{MakeNode("contact", {}, Node::Bytes{"+15550200000"}),
                     MakeNode("lid", {{"jid", Jid{"1", "lid"}}})});
  EXPECT_TRUE(
      client_.Ask(MakeUsync({user}, {MakeNode("contact"), MakeNode("lid")}))
          ->FindChild("usync"));
  EXPECT_EQ(0u, NewProtocolErrors());
  EXPECT_EQ(
      "400",
      ErrorCode(client_.Ask(MakeUsync({user}, {MakeNode("contact")})).value()));
  EXPECT_EQ(1u, NewProtocolErrors());
}

TEST_F(SimFactsTest, AFailedProtocolMustNotBeUsedDuringItsBackoff) {
  v1::SetFaultsRequest faults;
  v1::UsyncFault& fault = *faults.add_usync_faults();
  fault.set_protocol("lid");
  fault.set_code(429);
  fault.mutable_backoff()->set_seconds(60);
  ASSERT_TRUE(simulator_.control().SetFaults(faults).ok());
  const auto ask = [&] {
    return client_
        .Ask(MakeUsync(
            {MakeNode("user", {},
                      Node::Children{MakeNode("contact", {},
                                              Node::Bytes{"+15550200000"})})},
            {MakeNode("contact"), MakeNode("lid")}))
        .value();
  };
  const Node answer = ask();
  const Node* const lid =
      answer.FindChild("usync")->FindChild("result")->FindChild("lid");
  EXPECT_EQ("60", lid->FindChild("error")->AttributeOr("backoff"));
  EXPECT_EQ(0u, NewProtocolErrors());
  // A query that was sent before the client read the error is allowed, but a
  // later query is a violation.
  const absl::Time deadline = absl::Now() + kTestDeadline;
  do {
    ask();
  } while (simulator_.protocol_errors().empty() && absl::Now() < deadline);
  ASSERT_EQ(1u, NewProtocolErrors());
  EXPECT_THAT(LastRule(), HasSubstr("usync-backoff"));
}

class SimSpellingTest : public SimFactsTest {
 protected:
  static Simulator::Options Options() {
    Simulator::Options options;
    options.habits.resolves_spellings = false;
    return options;
  }
  SimSpellingTest() : SimFactsTest(Options()) {}
};

TEST_F(SimSpellingTest, MayNotFindANumberUnderItsOtherSpelling) {
  v1::Account account;
  account.set_phone_number("+5215512345678");
  account.set_registered(true);
  ASSERT_TRUE(simulator_.control().SetAccount(account, false).ok());
  const auto type = [&](const std::string& number) {
    const Node answer =
        client_
            .Ask(MakeUsync({MakeNode("user", {},
                                     Node::Children{MakeNode(
                                         "contact", {}, Node::Bytes{number})})},
                           {MakeNode("contact")}))
            .value();
    return answer.FindChild("usync")
        ->FindChild("list")
        ->children()
        .at(0)
        .FindChild("contact")
        ->AttributeOr("type");
  };
  EXPECT_EQ("in", type("+5215512345678"));
  EXPECT_EQ("out", type("+525512345678"));
}

}  // namespace
}  // namespace portrait::sim
