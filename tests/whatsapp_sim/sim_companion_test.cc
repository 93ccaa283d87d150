// Tests features that only other clients use: the app state, dirty bits, device
// lists, features, names of browsers, and additional elements.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "core/whatsapp/contact_notice.h"
#include "core/whatsapp/crypto.h"
#include "core/whatsapp/pairing_code.h"
#include "core/whatsapp/queries.h"
#include "tests/whatsapp_sim/testing/sim_test_fixture.h"
#include "whatsapp/whatsapp.pb.h"

namespace portrait::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using whatsapp::Jid;
using whatsapp::MakeNode;
using whatsapp::Node;

class SimCompanionTest : public SimTest {
 protected:
  // Logs in; returns the <dirty> elements that the server sends.
  std::vector<Node> DirtyAtLogin(SimTestClient& client) {
    std::vector<Node> dirty;
    EXPECT_TRUE(client.ReceiveTag("success").ok());
    for (;;) {
      const Node ib = client.ReceiveTag("ib").value();
      const Node& child = ib.children().at(0);
      if (child.tag == "offline_preview") return dirty;
      if (child.tag == "dirty") dirty.push_back(child);
    }
  }

  static Node Clean(const std::string& type, const std::string& until) {
    Node clean = MakeNode("clean", {{"type", type}});
    if (!until.empty()) clean.SetAttribute("timestamp", until);
    return MakeIq("set", "urn:xmpp:whatsapp:dirty", {clean});
  }

  uint64_t DirtyBits() { return simulator_.control().GetStats().dirty_bits(); }

  // The usync answer about the account for that protocol.
  static Node Fact(SimTestClient& client, const Jid& jid, Node protocol) {
    const std::string tag = protocol.tag;
    const Node answer =
        client.Ask(MakeUsync({MakeNode("user", {{"jid", jid}})}, {protocol}))
            .value();
    const Node& user =
        answer.FindChild("usync")->FindChild("list")->children().at(0);
    EXPECT_NE(nullptr, user.FindChild(tag));
    return *user.FindChild(tag);
  }
};

TEST_F(SimCompanionTest, TheAppStateIsAnsweredSoThatABootstrapEnds) {
  SimTestClient client = Login(Link());
  const auto collection = [](const char* name) {
    return MakeNode("collection", {{"name", std::string(name)},
                                   {"return_snapshot", std::string("true")}});
  };
  const Node sync = MakeNode(
      "sync", {},
      Node::Children{collection("critical_block"), collection("regular")});
  const Node answer =
      client.Ask(MakeIq("set", "w:sync:app:state", {sync})).value();
  EXPECT_EQ("result", answer.AttributeOr("type"));
  ASSERT_NE(nullptr, answer.FindChild("sync"));
  std::vector<std::string> names;
  for (const Node& told : answer.FindChild("sync")->children()) {
    names.push_back(told.AttributeOr("name"));
    EXPECT_EQ("0", told.AttributeOr("version"));
    // A client would ask for the next page.
    EXPECT_FALSE(told.Attribute("has_more_patches").has_value());
  }
  EXPECT_THAT(names, ElementsAre("critical_block", "regular"));
  EXPECT_EQ(0u, NewProtocolErrors());
}

TEST_F(SimCompanionTest, DirtyBitsAreSentUntilTheyAreCleared) {
  const whatsapp::Device device = Link();
  SimTestClient first = Connect(device);
  const std::vector<Node> dirty = DirtyAtLogin(first);
  ASSERT_EQ(2u, dirty.size());
  EXPECT_EQ("account_sync", dirty[0].AttributeOr("type"));
  EXPECT_EQ("groups", dirty[1].AttributeOr("type"));
  EXPECT_EQ(2u, DirtyBits());
  const std::string since = dirty[0].AttributeOr("timestamp");
  ASSERT_EQ("", ErrorCode(first.Ask(Clean("account_sync", since)).value()));
  EXPECT_EQ(1u, DirtyBits());

  SimTestClient second = Connect(device);
  const std::vector<Node> left = DirtyAtLogin(second);
  ASSERT_EQ(1u, left.size());
  EXPECT_EQ("groups", left[0].AttributeOr("type"));
  // A <clean> from before the bit was set leaves it; one without time clears.
  ASSERT_EQ("", ErrorCode(second.Ask(Clean("groups", "1")).value()));
  EXPECT_EQ(1u, DirtyBits());
  ASSERT_EQ("", ErrorCode(second.Ask(Clean("groups", "")).value()));
  EXPECT_EQ(0u, DirtyBits());
  EXPECT_EQ(0u, NewProtocolErrors());
}

TEST_F(SimCompanionTest, ACleanOfAnItemThatIsNotDirtyIsRefused) {
  SimTestClient client = Login(Link());
  for (const Node& wrong :
       {Clean("newsletter_metadata", ""), Clean("groups", "99999999999"),
        Clean("groups", "today")}) {
    SCOPED_TRACE(wrong.DebugString());
    EXPECT_EQ("400", ErrorCode(client.Ask(wrong).value()));
    EXPECT_EQ(1u, NewProtocolErrors());
    EXPECT_THAT(simulator_.protocol_errors().back(), HasSubstr("dirty"));
  }
  EXPECT_EQ(2u, DirtyBits());
}

TEST_F(SimCompanionTest, APairingCodeIsForABrowserOnAnOperatingSystem) {
  const whatsapp::Device device = whatsapp::MakeDevice();
  SimTestClient client = Connect(device);
  ASSERT_TRUE(client.ReceiveTag("iq").ok());
  const auto bytes = [](absl::string_view tag, const std::string& data) {
    return MakeNode(tag, {}, Node::Bytes{data});
  };
  const auto hello_error = [&](const std::string& display) {
    Node hello = MakeNode("link_code_companion_reg",
                          {{"jid", whatsapp::PhoneNumberJid("15550200000")},
                           {"stage", std::string("companion_hello")}});
    hello.AddChild(bytes("link_code_pairing_wrapped_companion_ephemeral_pub",
                         std::string(whatsapp::kWrappedKeyBytes, 'k')));
    hello.AddChild(
        bytes("companion_server_auth_key_pub", device.noise_key.public_key));
    hello.AddChild(bytes("companion_platform_id", "1"));
    hello.AddChild(bytes("companion_platform_display", display));
    return ErrorCode(client.Ask(MakeIq("set", "md", {hello})).value());
  };
  for (const char* display :
       {"Chrome (Ubuntu)", "Firefox (Windows)", "Safari (Mac OS)"}) {
    EXPECT_EQ("", hello_error(display)) << display;
    EXPECT_EQ(0u, NewProtocolErrors()) << display;
  }
  for (const char* display : {"Chrome", "Chrome (Portrait)", "Chrome Windows",
                              " (Windows)", "Chrome (Windows", ""}) {
    EXPECT_EQ("400", hello_error(display)) << display;
    EXPECT_EQ(1u, NewProtocolErrors()) << display;
    EXPECT_THAT(simulator_.protocol_errors().back(), HasSubstr("pairing-code"));
  }
}

TEST_F(SimCompanionTest, ADeviceListHasAHashAndKeyIndexesThatThePhoneSigned) {
  const whatsapp::Device device = Link();
  SimTestClient client = Login(device);
  const Node devices =
      Fact(client, device.jid.WithoutDevice(),
           MakeNode("devices", {{"version", std::string("2")}}));
  const Node* const list = devices.FindChild("device-list");
  ASSERT_NE(nullptr, list);
  EXPECT_THAT(list->AttributeOr("hash"), StartsWith("2:"));
  ASSERT_EQ(2u, list->children().size());
  const std::string index = list->children()[1].AttributeOr("key-index");

  const Node* const keys = devices.FindChild("key-index-list");
  ASSERT_NE(nullptr, keys);
  whatsapp::proto::ADVSignedDeviceIdentity identity;
  ASSERT_TRUE(identity.ParseFromString(device.account_identity));
  whatsapp::proto::ADVSignedKeyIndexList signed_list;
  ASSERT_TRUE(signed_list.ParseFromString(keys->Data()));
  EXPECT_TRUE(whatsapp::XeddsaVerify(
      identity.account_signature_key(),
      absl::StrCat(std::string("\x06\x02", 2), signed_list.details()),
      signed_list.account_signature()));
  whatsapp::proto::ADVKeyIndexList details;
  ASSERT_TRUE(details.ParseFromString(signed_list.details()));
  EXPECT_EQ(keys->AttributeOr("ts"), absl::StrCat(details.timestamp()));
  ASSERT_EQ(1, details.valid_indexes_size());
  EXPECT_EQ(index, absl::StrCat(details.valid_indexes(0)));
  EXPECT_EQ(0u, NewProtocolErrors());
}

TEST_F(SimCompanionTest, TheHashChangesWithTheDevices) {
  const whatsapp::Device device = Link();
  SimTestClient client = Login(device);
  const auto hash = [&] {
    const Node devices =
        Fact(client, device.jid.WithoutDevice(),
             MakeNode("devices", {{"version", std::string("2")}}));
    return devices.FindChild("device-list")->AttributeOr("hash");
  };
  const std::string before = hash();
  EXPECT_EQ(before, hash());
  Link();  // another companion of the same phone
  EXPECT_NE(before, hash());
}

TEST_F(SimCompanionTest, FeaturesAreAnsweredByName) {
  SimTestClient client = Login(Link());
  const v1::Account account =
      Find([](const v1::Account& each) { return each.registered(); });
  const Node told =
      Fact(client, whatsapp::PhoneNumberJid(account.phone_number().substr(1)),
           MakeNode("feature", {},
                    Node::Children{MakeNode("voip"), MakeNode("encrypt_v2")}));
  ASSERT_EQ(2u, told.children().size());
  EXPECT_EQ("voip", told.children()[0].tag);
  EXPECT_EQ("true", told.children()[0].AttributeOr("value"));
}

TEST_F(SimCompanionTest, APictureQueryMayAddWhatItsSchemaAllows) {
  SimTestClient client = Login(Link());
  const v1::Account account = Find([](const v1::Account& each) {
    return each.registered() && !each.picture_id().empty() &&
           !each.picture_hidden();
  });
  Node picture = MakeNode("picture", {{"type", std::string("image")},
                                      {"query", std::string("url")},
                                      {"persona_id", std::string("1")},
                                      {"invite", std::string("code")}});
  picture.AddChild(MakeNode("add_request"));
  Node iq = MakeIq("get", "w:profile:picture", {picture});
  iq.SetAttribute("target",
                  whatsapp::PhoneNumberJid(account.phone_number().substr(1)));
  const Node answer = client.Ask(iq).value();
  ASSERT_NE(nullptr, answer.FindChild("picture"));
  EXPECT_EQ(account.picture_id(),
            answer.FindChild("picture")->AttributeOr("id"));
  EXPECT_EQ(0u, NewProtocolErrors());
}

TEST_F(SimCompanionTest, ANoticeOfDevicesHasTheContactsHash) {
  SimTestClient client = Login(Link());
  const v1::Account account =
      Find([](const v1::Account& each) { return each.registered(); });
  const Jid jid = whatsapp::PhoneNumberJid(account.phone_number().substr(1));
  Fact(client, jid, MakeNode("lid"));  // the server notifies of such contacts
  ASSERT_TRUE(simulator_.control()
                  .TellOfContact(account.phone_number(), "devices")
                  .ok());
  const Node notification = client.ReceiveTag("notification").value();
  ASSERT_NE(nullptr, notification.FindChild("update"));
  std::string hash;
  ASSERT_TRUE(absl::Base64Unescape(
      notification.FindChild("update")->AttributeOr("hash"), &hash));
  const uint32_t wanted = whatsapp::ContactHash(jid.user);
  EXPECT_EQ(hash, (std::string{static_cast<char>(wanted >> 16),
                               static_cast<char>(wanted >> 8),
                               static_cast<char>(wanted)}));
}

}  // namespace
}  // namespace portrait::sim
