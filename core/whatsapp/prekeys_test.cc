#include "core/whatsapp/prekeys.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/whatsapp/crypto.h"

namespace portrait::whatsapp {
namespace {

using ::testing::SizeIs;

TEST(PrekeysTest, EachDrawContinuesTheIds) {
  Device device = MakeDevice();
  const std::vector<Prekey> first = DrawPrekeys(device, 3);
  const std::vector<Prekey> second = DrawPrekeys(device, 2);
  EXPECT_EQ(first.front().id, 1u);
  EXPECT_EQ(second.back().id, 5u);
  EXPECT_EQ(device.next_prekey_id, 6u);
}

TEST(PrekeysTest, AreMissingUntilTheServerConfirmsTheUpload) {
  Device device = MakeDevice();
  EXPECT_TRUE(IsMissingPrekeys(device));
  DrawPrekeys(device, 3);
  device.prekey_upload_pending = true;
  EXPECT_TRUE(IsMissingPrekeys(device));
  device.prekey_upload_pending = false;
  EXPECT_FALSE(IsMissingPrekeys(device));
}

TEST(PrekeysTest, AKeyIsFoundAgainByItsId) {
  Device device = MakeDevice();
  const std::vector<Prekey> drawn = DrawPrekeys(device, 2);
  const auto stored = ParseDevice(SerializeDevice(device));
  ASSERT_TRUE(stored.ok()) << stored.status();
  EXPECT_EQ(PrekeyOf(*stored, 2).public_key, drawn[1].public_key);
  EXPECT_NE(drawn[0].public_key, drawn[1].public_key);
  EXPECT_NE(PrekeyOf(MakeDevice(), 2).public_key, drawn[1].public_key);
}

TEST(PrekeysTest, IdsGoRound) {
  Device device = MakeDevice();
  device.next_prekey_id = kMaxPrekeyId - 1;
  const std::vector<Prekey> drawn = DrawPrekeys(device, 4);
  EXPECT_EQ(drawn[1].id, kMaxPrekeyId);
  EXPECT_EQ(drawn[2].id, 1u);
  EXPECT_EQ(drawn[3].id, 2u);
}

TEST(PrekeysTest, AnUploadHasWhatOthersNeedToWriteToUs) {
  Device device = MakeDevice();
  device.registration_id = 0x01020304;
  device.signed_prekey.id = 0x0A0B0C;
  const std::vector<Prekey> prekeys = DrawPrekeys(device, 2);
  const Node iq = MakePrekeyUpload(device, prekeys);
  EXPECT_EQ(iq.AttributeOr("xmlns"), "encrypt");
  EXPECT_EQ(iq.AttributeOr("type"), "set");
  EXPECT_EQ(iq.JidAttribute("to"), ServerJid());
  EXPECT_EQ(iq.FindChild("registration")->content,
            Node::Content(Node::Bytes{std::string("\x01\x02\x03\x04")}));
  EXPECT_EQ(iq.FindChild("type")->Data(), "\x05");
  EXPECT_EQ(iq.FindChild("identity")->Data(), device.identity_key.public_key);
  const Node& list = *iq.FindChild("list");
  ASSERT_THAT(list.children(), SizeIs(2));
  EXPECT_EQ(list.children()[1].tag, "key");
  EXPECT_EQ(list.children()[1].FindChild("id")->Data(),
            std::string("\x00\x00\x02", 3));
  EXPECT_EQ(list.children()[1].FindChild("value")->Data(),
            prekeys[1].public_key);
  const Node& skey = *iq.FindChild("skey");
  EXPECT_EQ(skey.FindChild("id")->Data(), "\x0A\x0B\x0C");
  EXPECT_EQ(skey.FindChild("value")->Data(),
            device.signed_prekey.key.public_key);
  EXPECT_EQ(skey.FindChild("signature")->Data(),
            device.signed_prekey.signature);
}

}  // namespace
}  // namespace portrait::whatsapp
