// Tests notifications to companions about contacts that they asked about.
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "core/whatsapp/contact_notice.h"
#include "tests/whatsapp_sim/testing/sim_test_fixture.h"

namespace portrait::sim {
namespace {

using whatsapp::ContactNotice;
using whatsapp::MakeNode;
using whatsapp::Node;

class SimNewsTest : public SimTest {
 protected:
  SimNewsTest() : client_(Login(Link())) {
    account_ = Find([](const v1::Account& account) {
      return account.registered() && !account.picture_id().empty() &&
             !account.picture_hidden() && !account.is_business();
    });
    jid_ = whatsapp::PhoneNumberJid(account_.phone_number().substr(1));
    EXPECT_TRUE(client_
                    .Ask(MakeUsync({MakeNode("user", {{"jid", jid_}})},
                                   {MakeNode("picture")}))
                    .ok());
  }
  // Receives the next notification and parses it as a client does.
  std::vector<ContactNotice> Hear() {
    return whatsapp::ParseContactNotices(
        client_.ReceiveTag("notification").value());
  }

  SimTestClient client_;
  v1::Account account_;
  whatsapp::Jid jid_;
};

TEST_F(SimNewsTest, NotifiesInEachForm) {
  const struct {
    const char* form;
    bool names_jid, names_hash, outdated;
  } kCases[] = {
      {"update", true, false, true},
      {"update-hash", false, true, true},
      {"picture-hash", false, true, true},
      {"picture-removed", true, false, false},
      {"devices", true, false, false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.form);
    ASSERT_TRUE(simulator_.control()
                    .TellOfContact(account_.phone_number(), c.form)
                    .ok());
    const std::vector<ContactNotice> notices = Hear();
    ASSERT_EQ(1u, notices.size());
    EXPECT_EQ(c.names_jid, notices[0].jid == jid_);
    EXPECT_EQ(c.names_hash, notices[0].contact_hash.has_value());
    EXPECT_EQ(c.outdated, notices[0].outdated);
  }
  EXPECT_FALSE(simulator_.control()
                   .TellOfContact(account_.phone_number(), "telepathy")
                   .ok());
}

TEST_F(SimNewsTest, NotifiesOfBusinesses) {
  account_.set_is_business(true);
  account_.set_verified_name("Café Ada");
  ASSERT_TRUE(simulator_.control().SetAccount(account_, true).ok());
  EXPECT_EQ("Café Ada", Hear().at(0).name);
  account_.set_is_business(false);
  account_.set_verified_name("");
  ASSERT_TRUE(simulator_.control().SetAccount(account_, true).ok());
  EXPECT_EQ(false, Hear().at(0).is_business);
}

TEST_F(SimNewsTest, AnAccountThatChangesItsNumberKeepsAllOtherData) {
  constexpr char kNewNumber[] = "+15550999999";
  const auto moved = simulator_.control().ChangeNumber(account_.phone_number(),
                                                       kNewNumber, true);
  ASSERT_TRUE(moved.ok()) << moved.status();
  EXPECT_EQ(account_.lid(), moved->lid());
  EXPECT_EQ(account_.picture_id(), moved->picture_id());
  EXPECT_FALSE(
      simulator_.control().GetAccount(account_.phone_number())->registered());
  const std::vector<ContactNotice> notices = Hear();
  ASSERT_EQ(2u, notices.size());
  EXPECT_EQ(jid_, notices[0].jid);
  EXPECT_EQ(account_.lid(), notices[1].lid.ToString());
  Restart();
  EXPECT_EQ(account_.lid(), simulator_.control().GetAccount(kNewNumber)->lid());
}

}  // namespace
}  // namespace portrait::sim
