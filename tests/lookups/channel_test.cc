// Tests channels: one query finds whether a channel exists, its name and both
// pictures.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/lookups/lookup_world.h"

namespace portrait {
namespace {

using ::testing::IsEmpty;
using ::testing::StartsWith;

class ChannelTest : public LookupWorld {
 protected:
  sim::v1::Account FindChannel(
      const std::function<bool(const sim::v1::Account&)>& wanted) {
    for (int i = 0;; ++i) {
      const std::string jid =
          absl::StrCat("12036314403848", 3540 + i, "@newsletter");
      sim::v1::Account channel = control().GetAccount(jid).value();
      if (wanted(channel)) return channel;
    }
  }
};

TEST_F(ChannelTest, ItsPathsBecomeUrlsThatExpire) {
  Start();
  // The channel has a picture in full size, or only the preview.
  for (const std::string type : {"image", "preview"}) {
    LookupRequest both;
    both.size = v1::PICTURE_SIZE_BOTH;
    v1::ProfilePicture picture;
    const sim::v1::Account channel = FindChannel([&](const auto& account) {
      if (!HasVisiblePicture(account)) return false;
      picture = LookOne(account.phone_number(), both).profile_picture();
      return picture.type() == type;
    });
    EXPECT_EQ(picture.jid(), channel.phone_number());
    EXPECT_EQ(picture.name(), channel.verified_name());
    EXPECT_EQ(picture.registration(), v1::REGISTRATION_REGISTERED);
    EXPECT_EQ(picture.id(), channel.picture_id());
    EXPECT_THAT(picture.url(), StartsWith(session_options_.picture_server));
    EXPECT_THAT(picture.preview_url(),
                StartsWith(session_options_.picture_server));
    EXPECT_EQ(picture.url() == picture.preview_url(), type == "preview");
    EXPECT_TRUE(absl::EndsWith(picture.url(), picture.direct_path()));
    EXPECT_TRUE(picture.has_url_expire_time());
  }
  EXPECT_THAT(simulator_->protocol_errors(), IsEmpty());
}

TEST_F(ChannelTest, AChannelCostsOneQueryAndNoneWhileFresh) {
  Start();
  Asked();
  const sim::v1::Account channel = FindChannel(HasVisiblePicture);
  LookOne(channel.phone_number());
  const auto asked = Asked();
  EXPECT_EQ(asked.channel_queries(), 1u);
  EXPECT_EQ(asked.usync_queries() + asked.picture_queries(), 0u);
  EXPECT_EQ(LookOne(channel.phone_number()).profile_picture().source(),
            v1::SOURCE_STORE);
  EXPECT_EQ(Asked().channel_queries(), 0u);
}

TEST_F(ChannelTest, AChannelMayHaveNoPictureOrNotExist) {
  Start();
  EXPECT_EQ(LookOne(FindChannel(HasNoPicture).phone_number())
                .profile_picture()
                .state(),
            v1::PICTURE_STATE_NOT_SET);
  const sim::v1::Account nobody =
      FindChannel([](const auto& account) { return !account.registered(); });
  EXPECT_EQ(LookOne(nobody.phone_number()).profile_picture().registration(),
            v1::REGISTRATION_NOT_REGISTERED);
}

}  // namespace
}  // namespace portrait
