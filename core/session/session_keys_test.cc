#include "core/session/session_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "portrait/store/v1/store.pb.h"

namespace portrait {
namespace {

using ::testing::HasSubstr;

const std::string kKey(kSealKeyBytes, 'k');

SealKeys Keys(const std::string& key) {
  return {.current = Secret(absl::string_view(key)), .former = {}};
}

whatsapp::Device PairedDevice() {
  whatsapp::Device device = whatsapp::MakeDevice();
  device.jid = {"13105551234", whatsapp::kUserServer, 7};
  device.push_name = "Ada";
  return device;
}

TEST(SealedDeviceTest, OpensUnderItsKeyAndName) {
  const whatsapp::Device device = PairedDevice();
  const std::string sealed = SealDevice(kKey, "ada", device);
  const auto opened = OpenSealedDevice(Keys(kKey), "ada", sealed);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(SerializeDevice(*opened), SerializeDevice(device));
}

TEST(SealedDeviceTest, ShowsNothingOfTheKeysAndIsNeverTheSameTwice) {
  const whatsapp::Device device = PairedDevice();
  const std::string sealed = SealDevice(kKey, "ada", device);
  EXPECT_EQ(sealed.find(device.noise_key.private_key), std::string::npos);
  EXPECT_EQ(sealed.find("Ada"), std::string::npos);
  EXPECT_NE(sealed, SealDevice(kKey, "ada", device));
}

TEST(SealedDeviceTest, RefusesAWrongKeyAndNamesTheSession) {
  const std::string sealed = SealDevice(kKey, "ada", PairedDevice());
  const auto opened =
      OpenSealedDevice(Keys(std::string(kSealKeyBytes, 'x')), "ada", sealed);
  EXPECT_EQ(opened.status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(opened.status().message(), HasSubstr("session ada"));
}

TEST(SealedDeviceTest, RefusesAnotherSessionsRecord) {
  const std::string sealed = SealDevice(kKey, "ada", PairedDevice());
  EXPECT_EQ(OpenSealedDevice(Keys(kKey), "bob", sealed).status().code(),
            absl::StatusCode::kUnauthenticated);
}

TEST(SealedDeviceTest, RefusesARecordWithAnyByteChanged) {
  store::v1::SealedSession record;
  ASSERT_TRUE(record.ParseFromString(SealDevice(kKey, "ada", PairedDevice())));
  for (size_t i = 0; i < record.sealed().size(); i += 17) {
    store::v1::SealedSession changed = record;
    (*changed.mutable_sealed())[i] ^= 1;
    EXPECT_FALSE(
        OpenSealedDevice(Keys(kKey), "ada", changed.SerializeAsString()).ok())
        << "byte " << i;
  }
}

TEST(SealedDeviceTest, RefusesWhatIsNoSealedSession) {
  for (const char* bytes : {"", "rubbish", "\x0a\x01x"}) {
    EXPECT_EQ(OpenSealedDevice(Keys(kKey), "ada", bytes).status().code(),
              absl::StatusCode::kDataLoss)
        << bytes;
  }
}

}  // namespace
}  // namespace portrait
