#include "core/whatsapp/device.h"

#include "gtest/gtest.h"
#include "whatsapp/device.pb.h"

namespace portrait::whatsapp {
namespace {

TEST(DeviceTest, ANewOneHasKeysOfItsOwnAndIsUnpaired) {
  const Device one = MakeDevice(), other = MakeDevice();
  EXPECT_NE(one.noise_key.private_key, other.noise_key.private_key);
  EXPECT_NE(one.adv_secret, other.adv_secret);
  EXPECT_FALSE(one.paired());
  EXPECT_EQ(one.adv_secret.size(), 32);
  EXPECT_GE(one.registration_id, 1);
  EXPECT_LE(one.registration_id, 16380);
  EXPECT_TRUE(XeddsaVerify(one.identity_key.public_key,
                           "\x05" + one.signed_prekey.key.public_key,
                           one.signed_prekey.signature));
}

Device PairedDevice() {
  Device device = MakeDevice();
  device.jid = *ParseJid("15551230001:12@s.whatsapp.net");
  device.lid = *ParseJid("99887766554433:12@lid");
  device.push_name = "Ann";
  device.platform = "android";
  device.business_name = "Bakery";
  device.account_identity = std::string("\0\xFF", 2);
  device.paired_at = absl::FromUnixSeconds(1763716800);
  device.server = {std::string(32, 's'), 1763716800, UINT64_MAX};
  device.routing_info = "\x08\x06";
  device.login_counter = 5;
  device.next_prekey_id = 813;
  device.prekey_upload_pending = true;
  device.lid_migrated = true;
  device.ab_props.hash = "H1";
  device.ab_props.refresh_id = "R1";
  device.ab_props.due = absl::FromUnixSeconds(1763803200);
  device.ab_props.token_with_picture = false;
  device.ab_props.token_with_time = true;
  device.ab_props.token_bucket = absl::Hours(1);
  device.ab_props.token_buckets = 26;
  const absl::Time now = absl::FromUnixSeconds(1763716800);
  device.privacy_tokens.Keep(
      {PhoneNumberJid("4915112345678"), *ParseJid("1@lid"), "\xFF", now}, now);
  device.privacy_tokens.Keep({Jid(), *ParseJid("2@lid"), "two", now}, now);
  return device;
}

TEST(DeviceTest, RoundTripsThroughTheStore) {
  for (const Device& device : {MakeDevice(), PairedDevice()}) {
    const absl::StatusOr<Device> parsed = ParseDevice(SerializeDevice(device));
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(parsed->noise_key.private_key, device.noise_key.private_key);
    EXPECT_EQ(parsed->noise_key.public_key, device.noise_key.public_key);
    EXPECT_EQ(parsed->identity_key.public_key, device.identity_key.public_key);
    EXPECT_EQ(parsed->signed_prekey.id, device.signed_prekey.id);
    EXPECT_EQ(parsed->signed_prekey.key.public_key,
              device.signed_prekey.key.public_key);
    EXPECT_EQ(parsed->signed_prekey.signature, device.signed_prekey.signature);
    EXPECT_EQ(parsed->registration_id, device.registration_id);
    EXPECT_EQ(parsed->adv_secret, device.adv_secret);
    EXPECT_EQ(parsed->jid, device.jid);
    EXPECT_EQ(parsed->lid, device.lid);
    EXPECT_EQ(parsed->push_name, device.push_name);
    EXPECT_EQ(parsed->platform, device.platform);
    EXPECT_EQ(parsed->business_name, device.business_name);
    EXPECT_EQ(parsed->account_identity, device.account_identity);
    EXPECT_EQ(parsed->paired_at, device.paired_at);
    EXPECT_EQ(parsed->server, device.server);
    EXPECT_EQ(parsed->routing_info, device.routing_info);
    EXPECT_EQ(parsed->login_counter, device.login_counter);
    ASSERT_EQ(parsed->privacy_tokens.all().size(),
              device.privacy_tokens.all().size());
    for (const PrivacyToken& token : device.privacy_tokens.all()) {
      EXPECT_EQ(
          parsed->privacy_tokens.Find(token.pn, token.lid, token.issued_at),
          token.bytes);
    }
    EXPECT_EQ(parsed->next_prekey_id, device.next_prekey_id);
    EXPECT_EQ(parsed->prekey_upload_pending, device.prekey_upload_pending);
    EXPECT_EQ(parsed->appearance, device.appearance);
    EXPECT_EQ(parsed->lid_migrated, device.lid_migrated);
    EXPECT_EQ(parsed->ab_props, device.ab_props);
    EXPECT_EQ(parsed->prekey_seed, device.prekey_seed);
  }
}

TEST(DeviceTest, RefusesDataThatIsNotADevice) {
  proto::StoredDevice whole;
  ASSERT_TRUE(whole.ParseFromString(SerializeDevice(PairedDevice())));
  std::vector<std::string> damaged = {"", "\xFF"};
  const auto add = [&](auto change) {
    proto::StoredDevice stored = whole;
    change(&stored);
    damaged.push_back(stored.SerializeAsString());
  };
  add([](proto::StoredDevice* d) { d->set_noise_private_key("short"); });
  add([](proto::StoredDevice* d) { d->clear_identity_private_key(); });
  add([](proto::StoredDevice* d) { d->clear_signed_prekey_private_key(); });
  add([](proto::StoredDevice* d) { d->clear_signed_prekey_signature(); });
  add([](proto::StoredDevice* d) { d->set_adv_secret("short"); });
  add([](proto::StoredDevice* d) { d->set_prekey_seed("short"); });
  add([](proto::StoredDevice* d) { d->set_jid("no jid"); });
  for (const std::string& bytes : damaged) {
    EXPECT_TRUE(absl::IsDataLoss(ParseDevice(bytes).status()));
  }
}

}  // namespace
}  // namespace portrait::whatsapp
