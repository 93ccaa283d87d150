#include "core/session/session_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "portrait/store/v1/store.pb.h"
#include "tests/support/temporary_folder.h"

namespace portrait {
namespace {

using ::testing::HasSubstr;

const std::string kKey(kSealKeyBytes, 'k');

whatsapp::Device PairedDevice() {
  whatsapp::Device device = whatsapp::MakeDevice();
  device.jid = {"13105551234", whatsapp::kUserServer, 7};
  device.push_name = "Ada";
  return device;
}

TEST(SealedDeviceTest, OpensUnderItsKeyAndName) {
  const whatsapp::Device device = PairedDevice();
  const std::string sealed = SealDevice(kKey, "ada", device);
  const auto opened = OpenSealedDevice(kKey, "ada", sealed);
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
      OpenSealedDevice(std::string(kSealKeyBytes, 'x'), "ada", sealed);
  EXPECT_EQ(opened.status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(opened.status().message(), HasSubstr("session ada"));
}

TEST(SealedDeviceTest, RefusesAnotherSessionsRecord) {
  const std::string sealed = SealDevice(kKey, "ada", PairedDevice());
  EXPECT_EQ(OpenSealedDevice(kKey, "bob", sealed).status().code(),
            absl::StatusCode::kUnauthenticated);
}

TEST(SealedDeviceTest, RefusesARecordWithAnyByteChanged) {
  store::v1::SealedSession record;
  ASSERT_TRUE(record.ParseFromString(SealDevice(kKey, "ada", PairedDevice())));
  for (size_t i = 0; i < record.sealed().size(); i += 17) {
    store::v1::SealedSession changed = record;
    (*changed.mutable_sealed())[i] ^= 1;
    EXPECT_FALSE(
        OpenSealedDevice(kKey, "ada", changed.SerializeAsString()).ok())
        << "byte " << i;
  }
}

TEST(SealedDeviceTest, RefusesWhatIsNoSealedSession) {
  for (const char* bytes : {"", "rubbish", "\x0a\x01x"}) {
    EXPECT_EQ(OpenSealedDevice(kKey, "ada", bytes).status().code(),
              absl::StatusCode::kDataLoss)
        << bytes;
  }
}

class KeyFileTest : public ::testing::Test {
 protected:
  void Write(const std::string& content, mode_t mode) {
    std::ofstream(path_) << content;
    ASSERT_EQ(chmod(path_.c_str(), mode), 0);
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_.path() + "/seal.key";
};

TEST_F(KeyFileTest, IsMadeOnceAndReadEverAfter) {
  const auto made = LoadOrMakeKeyFile(path_);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->size(), kSealKeyBytes);
  struct stat status = {};
  ASSERT_EQ(stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  const auto read = LoadOrMakeKeyFile(path_);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, *made);
  // Nothing half made is left.
  EXPECT_EQ(
      std::distance(std::filesystem::directory_iterator(folder_.path()), {}),
      1);
}

TEST_F(KeyFileTest, IsRefusedWithAWrongLength) {
  for (const size_t size : {size_t{0}, size_t{31}, size_t{33}, size_t{4096}}) {
    Write(std::string(size, 'k'), 0600);
    const auto key = LoadOrMakeKeyFile(path_);
    EXPECT_EQ(key.status().code(), absl::StatusCode::kDataLoss) << size;
    EXPECT_THAT(key.status().message(), HasSubstr("must be 32 bytes long"));
  }
}

TEST_F(KeyFileTest, IsRefusedWhenOthersMayReadIt) {
  for (const mode_t mode : {0640u, 0604u, 0660u, 0644u}) {
    Write(kKey, mode);
    const auto key = LoadOrMakeKeyFile(path_);
    EXPECT_EQ(key.status().code(), absl::StatusCode::kPermissionDenied);
    EXPECT_THAT(key.status().message(), HasSubstr("chmod 600"));
  }
}

TEST_F(KeyFileTest, SaysWhichFileCouldNotBeMade) {
  const auto key = LoadOrMakeKeyFile(folder_.path() + "/missing/seal.key");
  EXPECT_FALSE(key.ok());
  EXPECT_THAT(key.status().message(), HasSubstr("missing/seal.key"));
}

}  // namespace
}  // namespace portrait
