// Tests groups: many groups in one query, single queries for groups that this
// query does not answer, and the form of the query for a community.
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/lookups/lookup_world.h"

namespace portrait {
namespace {

using ::testing::IsEmpty;

class GroupTest : public LookupWorld {
 protected:
  static std::string Group(int i) {
    return absl::StrCat("12036304123456", 1000 + i, "@g.us");
  }
  void Set(const std::string& group, const std::string& id, bool hidden = false,
           bool community = false) {
    sim::v1::Account account;
    account.set_phone_number(group);
    account.set_picture_id(id);
    account.set_picture_hidden(hidden);
    account.set_is_community(community);
    const auto set = control().SetAccount(account, false);
    ASSERT_TRUE(set.ok()) << set.status();
  }
};

TEST_F(GroupTest, AHundredGroupsCostOneQuery) {
  Start();
  std::vector<std::string> groups;
  for (int i = 0; i < 100; ++i) {
    groups.push_back(Group(i));
    Set(groups.back(), absl::StrCat(1700000000 + i));
  }
  Asked();
  const std::vector<v1::EnrichResult> results = Look(groups);
  for (int i = 0; i < 100; ++i) {
    const v1::ProfilePicture& picture = results[i].profile_picture();
    EXPECT_EQ(picture.jid(), groups[i]);
    EXPECT_EQ(picture.id(), absl::StrCat(1700000000 + i));
    EXPECT_NE(picture.url(), "");
    EXPECT_EQ(picture.registration(), v1::REGISTRATION_UNSPECIFIED);
  }
  auto asked = Asked();
  EXPECT_LE(asked.group_queries(), 2u);
  EXPECT_EQ(asked.picture_queries(), asked.group_queries());
  EXPECT_EQ(asked.usync_queries(), 0u);

  // Asking for both sizes takes two queries.
  LookupRequest both = MaxAge(absl::ZeroDuration());
  both.size = v1::PICTURE_SIZE_BOTH;
  for (const v1::EnrichResult& result : Look(groups, both)) {
    EXPECT_NE(result.profile_picture().url(), "");
    EXPECT_NE(result.profile_picture().preview_url(), "");
  }
  asked = Asked();
  EXPECT_LE(asked.group_queries(), 4u);
  EXPECT_EQ(asked.picture_queries(), asked.group_queries());
  EXPECT_THAT(simulator_->protocol_errors(), IsEmpty());
}

TEST_F(GroupTest, GroupsWithoutAnAnswerAreQueriedOneByOne) {
  Start();
  const std::string shown = Group(1), none = Group(2), hidden = Group(3);
  Set(shown, "17");
  Set(none, "");
  Set(hidden, "18", /*hidden=*/true);
  Asked();
  const std::vector<std::string> groups = {shown, none, hidden};
  const auto states = [&](LookupRequest request) {
    std::vector<v1::PictureState> states;
    for (const v1::EnrichResult& result : Look(groups, std::move(request))) {
      states.push_back(result.profile_picture().state());
    }
    return states;
  };
  const std::vector<v1::PictureState> expected = {v1::PICTURE_STATE_AVAILABLE,
                                                  v1::PICTURE_STATE_NOT_SET,
                                                  v1::PICTURE_STATE_HIDDEN};
  EXPECT_EQ(states({}), expected);
  // One query for all groups, two for single groups, one for the hidden one's
  // community.
  EXPECT_EQ(Asked().picture_queries(), 4u);
  // "Not set" was explicitly reported a short time ago, so an empty answer
  // confirms it. A group that hides its picture is queried each time, alone and
  // as a community.
  EXPECT_EQ(states(MaxAge(absl::ZeroDuration())), expected);
  EXPECT_EQ(Asked().picture_queries(), 3u);
}

TEST_F(GroupTest, ARefusedQueryForManyGroupsConfirmsNothing) {
  Start();
  const std::vector<std::string> groups = {Group(1), Group(2)};
  for (const std::string& group : groups) Set(group, "", /*hidden=*/false);
  Look(groups);
  // Both groups now have a picture. While the query is refused, no caller may
  // get the result that they have none.
  for (const std::string& group : groups) Set(group, "17");
  sim::v1::SetFaultsRequest faults;
  faults.mutable_picture_fault()->set_code(403);
  ASSERT_TRUE(control().SetFaults(faults).ok());
  for (const v1::EnrichResult& result :
       Look(groups, MaxAge(absl::ZeroDuration()))) {
    EXPECT_EQ(result.profile_picture().state(), v1::PICTURE_STATE_HIDDEN);
  }
  ASSERT_TRUE(control().SetFaults({}).ok());
  for (const v1::EnrichResult& result :
       Look(groups, MaxAge(absl::ZeroDuration()))) {
    EXPECT_EQ(result.profile_picture().id(), "17");
  }
}

TEST_F(GroupTest, ACommunityShowsItsPictureInItsOwnForm) {
  Start();
  const std::string community = Group(1);
  Set(community, "17", /*hidden=*/false, /*community=*/true);
  Asked();
  const v1::ProfilePicture picture = LookOne(community).profile_picture();
  EXPECT_EQ(picture.id(), "17");
  EXPECT_NE(picture.url(), "");
  EXPECT_EQ(Asked().picture_queries(), 2u);
  // A group with an old-style id belongs to no community.
  const std::string old = "13105551234-1400000000@g.us";
  Set(old, "18", /*hidden=*/true);
  EXPECT_EQ(LookOne(old).profile_picture().state(), v1::PICTURE_STATE_HIDDEN);
  EXPECT_EQ(Asked().picture_queries(), 1u);
  EXPECT_THAT(simulator_->protocol_errors(), IsEmpty());
}

}  // namespace
}  // namespace portrait
