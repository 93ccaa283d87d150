#include "core/cluster/kafka_client.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace portrait::cluster {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

TEST(KafkaConfigTest, ReadsNamesAndValues) {
  const auto settings = ParseKafkaConfig(
      "# comment\n\nsecurity.protocol=SASL_SSL\r\n  sasl.password = a=b \n",
      "k.conf");
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_THAT(*settings, ElementsAre(Pair("security.protocol", "SASL_SSL"),
                                     Pair("sasl.password", "a=b")));
}

TEST(KafkaConfigTest, RefusesWhatWouldLoseDataAndNamesTheLine) {
  for (const char* line :
       {"acks=1", "enable.idempotence=false", "group.id=x", "nonsense", "=x"}) {
    const auto settings =
        ParseKafkaConfig(std::string("client.rack=a\n") + line, "k.conf");
    EXPECT_EQ(settings.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(settings.status().message(), HasSubstr("k.conf, line 2"));
  }
}

TEST(KafkaConfigTest, AMissingFileIsAnError) {
  EXPECT_EQ(ReadKafkaConfig("/no/such/file").status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(ReadKafkaConfig("")->empty());
}

}  // namespace
}  // namespace portrait::cluster
