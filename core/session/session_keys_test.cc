#include "core/session/session_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "portrait/store/v1/store.pb.h"

namespace portrait {
namespace {

using ::testing::HasSubstr;

const std::string kKey(kSealKeyBytes, 'k');
const Secret kAccount(absl::string_view("the keys of Ada's linked account"));

SealKeys Keys(const std::string& key) {
  return {.current = Secret(absl::string_view(key)), .former = {}};
}

TEST(SealedAccountTest, OpensUnderItsKeyAndName) {
  const std::string sealed = Seal(kKey, "ada", kAccount);
  const auto opened = OpenSealed(Keys(kKey), "ada", sealed);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(*opened, kAccount);
}

TEST(SealedAccountTest, ShowsNothingOfTheKeysAndIsNeverTheSameTwice) {
  const std::string sealed = Seal(kKey, "ada", kAccount);
  EXPECT_EQ(sealed.find("keys"), std::string::npos);
  EXPECT_EQ(sealed.find("Ada"), std::string::npos);
  EXPECT_NE(sealed, Seal(kKey, "ada", kAccount));
}

TEST(SealedAccountTest, RefusesAWrongKeyAndNamesTheSession) {
  const std::string sealed = Seal(kKey, "ada", kAccount);
  const auto opened =
      OpenSealed(Keys(std::string(kSealKeyBytes, 'x')), "ada", sealed);
  EXPECT_EQ(opened.status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(opened.status().message(), HasSubstr("session ada"));
}

TEST(SealedAccountTest, RefusesAnotherSessionsRecord) {
  const std::string sealed = Seal(kKey, "ada", kAccount);
  EXPECT_EQ(OpenSealed(Keys(kKey), "bob", sealed).status().code(),
            absl::StatusCode::kUnauthenticated);
}

TEST(SealedAccountTest, RefusesARecordWithAnyByteChanged) {
  store::v1::SealedSession record;
  ASSERT_TRUE(record.ParseFromString(Seal(kKey, "ada", kAccount)));
  for (size_t i = 0; i < record.sealed().size(); ++i) {
    store::v1::SealedSession changed = record;
    (*changed.mutable_sealed())[i] ^= 1;
    EXPECT_FALSE(
        OpenSealed(Keys(kKey), "ada", changed.SerializeAsString()).ok())
        << "byte " << i;
  }
}

TEST(SealedAccountTest, RefusesDataThatIsNotASealedSession) {
  for (const char* bytes : {"", "rubbish", "\x0a\x01x"}) {
    EXPECT_EQ(OpenSealed(Keys(kKey), "ada", bytes).status().code(),
              absl::StatusCode::kDataLoss)
        << bytes;
  }
}

}  // namespace
}  // namespace portrait
