#include "core/cluster/topics.h"

#include <map>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace portrait::cluster {
namespace {

using ::testing::HasSubstr;
using Settings = std::map<std::string, std::string>;

const Settings kSafe = {{"cleanup.policy", "compact"},
                        {"min.insync.replicas", "2"},
                        {"unclean.leader.election.enable", "false"},
                        {"min.compaction.lag.ms", "86400000"},
                        {"delete.retention.ms", "86400000"}};

TEST(TopicsTest, SettingsThatWouldLoseDataAreRefused) {
  EXPECT_TRUE(CheckTopicSettings("t", 3, kSafe).ok());
  const std::pair<const char*, const char*> wrong[] = {
      {"cleanup.policy", "delete"},
      {"cleanup.policy", "compact,delete"},
      {"min.insync.replicas", "1"},
      {"unclean.leader.election.enable", "true"},
      {"min.compaction.lag.ms", "0"},
      {"delete.retention.ms", "1000"}};
  for (const auto& [name, value] : wrong) {
    Settings settings = kSafe;
    settings[name] = value;
    const absl::Status status = CheckTopicSettings("t", 3, settings);
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(status.message(), HasSubstr(name));
  }
}

TEST(TopicsTest, ATopicWithOneCopyNeedsNoSecondInSync) {
  Settings settings = kSafe;
  settings["min.insync.replicas"] = "1";
  EXPECT_TRUE(CheckTopicSettings("t", 1, settings).ok());
  EXPECT_FALSE(CheckTopicSettings("t", 2, settings).ok());
}

TEST(TopicsTest, EachPartitionHasAPlaceAndANameOfItsOwn) {
  const LogPlaces places("acme", 3);
  EXPECT_EQ(places.size(), 4u);
  for (size_t place = 0; place < places.size(); ++place) {
    const auto found =
        places.PlaceOf(places.TopicOf(place), places.PartitionOf(place));
    ASSERT_TRUE(found.ok());
    EXPECT_EQ(*found, place);
  }
  EXPECT_EQ(places.TopicOf(2), "acme.contacts");
  EXPECT_EQ(places.TopicOf(3), "acme.access");
  EXPECT_NE(places.NameOf(0), places.NameOf(3));
  EXPECT_FALSE(places.PlaceOf("acme.contacts", 3).ok());
  EXPECT_FALSE(places.PlaceOf("acme.access", 1).ok());
  EXPECT_FALSE(places.PlaceOf("other.contacts", 0).ok());
}

}  // namespace
}  // namespace portrait::cluster
