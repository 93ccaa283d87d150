// Tests that lookups send by default exactly the queries that WhatsApp Web
// sends.
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/lookups/lookup_world.h"

namespace portrait {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using whatsapp::Node;

class WebQueriesTest : public LookupWorld {
 protected:
  WebQueriesTest() {
    network_.record_stanzas = true;
    session_options_.lean_picture_queries = false;
    session_options_.group_batches = false;
  }

  // "target type id" of each picture query so far.
  std::vector<std::string> PictureQueries() {
    std::vector<std::string> queries;
    for (const sim::RecordedStanza& recorded : simulator_->stanzas()) {
      const Node& iq = recorded.node;
      const Node* const picture = iq.FindChild("picture");
      if (iq.tag != "iq" || picture == nullptr) continue;
      queries.push_back(absl::StrCat(
          iq.AttributeOr("target"), " ", picture->AttributeOr("type"),
          picture->Attribute("id").has_value() ? " with an id" : ""));
    }
    return queries;
  }
};

TEST_F(WebQueriesTest, ImageAndPreviewAreQueriedTogetherByLidAndWithoutId) {
  Start();
  const sim::v1::Account account = Find(HasVisiblePicture);
  const v1::ProfilePicture picture =
      LookOne(account.phone_number()).profile_picture();
  EXPECT_EQ(picture.phone_number(), account.phone_number());
  EXPECT_EQ(picture.id(), account.picture_id());
  EXPECT_NE(picture.url(), "");
  EXPECT_THAT(PictureQueries(),
              ElementsAre(absl::StrCat(account.lid(), " image"),
                          absl::StrCat(account.lid(), " preview")));
  // If usync reports the same picture id, no picture query is sent.
  EXPECT_NE(LookOne(account.phone_number(), MaxAge(absl::ZeroDuration()))
                .profile_picture()
                .url(),
            "");
  EXPECT_EQ(Asked().picture_queries(), 2u);
  EXPECT_THAT(simulator_->protocol_errors(), IsEmpty());
}

TEST_F(WebQueriesTest, GroupsAreQueriedOneByOneInPairs) {
  Start();
  std::vector<std::string> groups;
  for (int i = 0; i < 3; ++i) {
    sim::v1::Account group;
    group.set_phone_number(absl::StrCat("1203630412345671", i, "@g.us"));
    group.set_picture_id(absl::StrCat(1700000000 + i));
    ASSERT_TRUE(control().SetAccount(group, /*notify=*/false).ok());
    groups.push_back(group.phone_number());
  }
  for (const v1::EnrichResult& result : Look(groups)) {
    EXPECT_NE(result.profile_picture().url(), "");
  }
  EXPECT_EQ(PictureQueries().size(), 6u);
  EXPECT_EQ(Asked().group_queries(), 0u);
  EXPECT_THAT(simulator_->protocol_errors(), IsEmpty());
}

TEST_F(WebQueriesTest, ACommunitysPicturesAreQueriedAtTheCommunity) {
  Start();
  sim::v1::Account community;
  community.set_phone_number("120363041234567100@g.us");
  community.set_picture_id("17");
  community.set_is_community(true);
  ASSERT_TRUE(control().SetAccount(community, /*notify=*/false).ok());
  LookupRequest both;
  both.size = v1::PICTURE_SIZE_BOTH;
  const v1::ProfilePicture picture =
      LookOne(community.phone_number(), both).profile_picture();
  EXPECT_NE(picture.url(), "");
  EXPECT_NE(picture.preview_url(), "");
  EXPECT_THAT(simulator_->protocol_errors(), IsEmpty());
}

}  // namespace
}  // namespace portrait
