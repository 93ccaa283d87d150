#include "core/whatsapp/contact_notice.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/vectors.h"

namespace portrait::whatsapp {
namespace {

using ::portrait::testing::Json;
using ::portrait::testing::NodeOf;
using ::portrait::testing::Vectors;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const Jid kAnn = PhoneNumberJid("15551230001");
const Jid kAnnLid = {"99887766554433", kLidServer};
const Jid kBob = PhoneNumberJid("4915112345678");
const Jid kGroup = {"120363012345678901", kGroupServer};

Node Notification(absl::string_view type, Node::Children children,
                  const Jid& from = kAnn) {
  return MakeNode(
      "notification",
      {{"type", std::string(type)}, {"from", from}, {"id", "1"}, {"t", "5"}},
      std::move(children));
}

// Base64 of ContactHash().
std::string HashText(const std::string& user) {
  const uint32_t hash = ContactHash(user);
  return absl::Base64Escape(std::string{static_cast<char>(hash >> 16),
                                        static_cast<char>(hash >> 8),
                                        static_cast<char>(hash)});
}

ContactNotice ReadOne(const Node& stanza) {
  const std::vector<ContactNotice> notices = ParseContactNotices(stanza);
  EXPECT_THAT(notices, SizeIs(1)) << stanza.DebugString();
  return notices.empty() ? ContactNotice() : notices[0];
}

TEST(ContactNoticeTest, APictureNotificationSaysWhosePictureChanged) {
  const struct {
    Node stanza;
    Jid jid;
    bool removed;
  } kCases[] = {
      {Notification("picture", {MakeNode("set", {{"jid", kAnn}, {"id", "7"}})}),
       kAnn, false},
      {Notification("picture", {MakeNode("set", {{"id", "7"}})}), kAnn, false},
      {Notification("picture",
                    {MakeNode("set", {{"id", "7"}, {"jid", kAnnLid}})},
                    ServerJid()),
       kAnnLid, false},
      {Notification(
           "picture",
           {MakeNode("set", {{"jid", kGroup}, {"id", "7"}, {"author", kAnn}})},
           kGroup),
       kGroup, false},
      {Notification("picture", {MakeNode("delete", {{"jid", kAnn}})}), kAnn,
       true},
      {Notification("picture", {MakeNode("delete")}), kAnn, true},
      {Notification("picture", {MakeNode("set", {{"id", "7"}})},
                    Jid{"15551230001", kUserServer, 3}),
       kAnn, false},
      // The hash of the notification's sender.
      {Notification("picture", {MakeNode("set", {{"hash", HashText(kAnn.user)},
                                                 {"id", "7"}})}),
       kAnn, false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.stanza.DebugString());
    const ContactNotice notice = ReadOne(c.stanza);
    EXPECT_EQ(notice.jid, c.jid);
    EXPECT_EQ(notice.picture_id, c.removed ? "" : "7");
    // The picture must be fetched, whatever id the notification has.
    EXPECT_EQ(notice.outdated, !c.removed);
    EXPECT_FALSE(notice.happened_at.has_value());
  }
}

TEST(ContactNoticeTest, ANotificationWithoutDetailsMarksThePictureOutdated) {
  const std::string hash = HashText(kBob.user);
  for (const Node& change : {MakeNode("set", {{"jid", kBob}}),
                             MakeNode("set", {{"hash", hash}, {"id", "7"}}),
                             MakeNode("delete", {{"hash", hash}}),
                             MakeNode("set", {{"hash", hash}})}) {
    SCOPED_TRACE(change.DebugString());
    const ContactNotice notice = ReadOne(Notification("picture", {change}));
    EXPECT_TRUE(notice.outdated);
    EXPECT_FALSE(notice.picture_id.has_value());
    if (change.Attribute("hash").has_value()) {
      EXPECT_EQ(notice.jid, Jid());
      EXPECT_EQ(notice.contact_hash, ContactHash(kBob.user));
    } else {
      EXPECT_EQ(notice.jid, kBob);
    }
  }
}

TEST(ContactNoticeTest, AStanzaWithoutFactsHasNoNotices) {
  for (const Node& stanza :
       {Notification("picture",
                     {MakeNode("set", {{"hash", "A"}, {"id", "7"}})}),
        Notification("picture", {MakeNode("delete", {{"hash", "AbC1AbC1"}})}),
        Notification("picture", {}),
        Notification("picture", {MakeNode("add", {{"jid", kAnn}})}),
        Notification("picture", {MakeNode("request")}),
        Notification("picture", {MakeNode("set_avatar")}),
        Notification("picture", {MakeNode("delete")}, ServerJid()),
        Notification("picture", {MakeNode("set", {{"id", "7"}})},
                     PhoneNumberJid("0")),
        Notification("picture", {}, Jid{"1", kNewsletterServer}),
        Notification("status", {MakeNode("set")}),
        Notification("contacts", {MakeNode("sync", {{"after", "5"}})}),
        Notification("contacts", {MakeNode("add"), MakeNode("remove")}),
        Notification("contacts", {MakeNode("modify", {{"old", "x"}})}),
        Notification("business", {MakeNode("profile", {{"hash", "AbC1"}})}),
        Notification("business", {MakeNode("verified_name")}),
        Notification("devices", {MakeNode("add")}),
        Notification("account_sync", {MakeNode("devices")}),
        MakeNode("notification"),
        MakeNode("message", {{"type", "picture"}, {"from", kAnn}})}) {
    EXPECT_THAT(ParseContactNotices(stanza), IsEmpty()) << stanza.DebugString();
  }
}

TEST(ContactNoticeTest, AContactThatWasUpdatedIsOutdated) {
  const ContactNotice by_jid =
      ReadOne(Notification("contacts", {MakeNode("update", {{"jid", kBob}})}));
  EXPECT_EQ(by_jid.jid, kBob);
  EXPECT_TRUE(by_jid.outdated);
  const ContactNotice by_hash = ReadOne(Notification(
      "contacts", {MakeNode("update", {{"hash", HashText(kBob.user)}})},
      ServerJid()));
  EXPECT_EQ(by_hash.contact_hash, ContactHash(kBob.user));
  EXPECT_TRUE(by_hash.outdated);
}

TEST(ContactNoticeTest, ANumberChangeLeavesTheOldNumberAndNamesTheNewOne) {
  const std::vector<ContactNotice> notices = ParseContactNotices(
      Notification("contacts", {MakeNode("modify", {{"old", kAnn},
                                                    {"new", kBob},
                                                    {"old_lid", kAnnLid},
                                                    {"new_lid", kAnnLid}})}));
  ASSERT_THAT(notices, SizeIs(2));
  EXPECT_EQ(notices[0].jid, kAnn);
  EXPECT_TRUE(notices[0].lost_lid);
  EXPECT_TRUE(notices[0].outdated);
  EXPECT_EQ(notices[1].jid, kBob);
  EXPECT_EQ(notices[1].lid, kAnnLid);
  EXPECT_FALSE(notices[1].lost_lid);
  EXPECT_TRUE(notices[1].outdated);
}

TEST(ContactNoticeTest, ABusinessGetsAndLosesItsVerifiedName) {
  const std::vector<Json> vectors = Vectors("verified_name.json");
  ASSERT_FALSE(vectors.empty());
  Node named = *NodeOf(vectors[0]["node"]).FindChild("verified_name");
  named.SetAttribute("jid", kBob);
  const ContactNotice told = ReadOne(Notification("business", {named}));
  EXPECT_EQ(told.jid, kBob);
  EXPECT_EQ(told.is_business, true);
  EXPECT_EQ(told.name, vectors[0]["fields"]["verifiedName"].text);

  const ContactNotice gone =
      ReadOne(Notification("business", {MakeNode("remove", {{"jid", kBob}})}));
  EXPECT_EQ(gone.is_business, false);
  EXPECT_EQ(gone.name, "");
}

TEST(ContactNoticeTest, DeviceNoticesHaveTheLidAndAccountSyncTheOwnPicture) {
  Node devices = Notification("devices", {MakeNode("update")});
  devices.SetAttribute("lid", kAnnLid);
  const ContactNotice mapped = ReadOne(devices);
  EXPECT_EQ(mapped.jid, kAnn);
  EXPECT_EQ(mapped.lid, kAnnLid);
  EXPECT_FALSE(mapped.outdated);

  const ContactNotice own =
      ReadOne(Notification("account_sync", {MakeNode("picture")}));
  EXPECT_EQ(own.jid, kAnn);
  EXPECT_TRUE(own.outdated);
}

TEST(ContactNoticeTest, AQueuedNotificationHasTheTimeOfItsEvent) {
  Node waited =
      Notification("picture", {MakeNode("set", {{"jid", kAnn}, {"id", "7"}})});
  waited.SetAttribute("offline", "1");
  const std::optional<absl::Time> told = ReadOne(waited).happened_at;
  ASSERT_TRUE(told.has_value());
  EXPECT_GT(*told, absl::FromUnixSeconds(5));
  EXPECT_LT(*told, absl::FromUnixSeconds(6));
}

TEST(ContactHashTest, IsTheBeginningOfAnMd5) {
  // printf 15551230001WA_ADD_NOTIF | md5sum
  EXPECT_EQ(ContactHash("15551230001"), 0x9ac0efu);
}

}  // namespace
}  // namespace portrait::whatsapp
