#include "core/whatsapp/ab_props.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace portrait::whatsapp {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1763716800);

Node Answer(std::vector<std::pair<std::string, std::string>> props,
            bool delta = false) {
  Node node = MakeNode("props", {{"protocol", std::string("1")},
                                 {"hash", std::string("H1")},
                                 {"refresh", std::string("86400")}});
  if (delta) node.SetAttribute("delta_update", std::string("true"));
  for (const auto& [code, value] : props) {
    node.AddChild(
        MakeNode("prop", {{"config_code", code}, {"config_value", value}}));
  }
  // A sampling prop, which this client does not use.
  node.AddChild(MakeNode("prop", {{"event_code", std::string("9666")},
                                  {"sampling_weight", std::string("0")}}));
  Node iq = MakeNode("iq", {{"type", std::string("result")}});
  iq.AddChild(std::move(node));
  return iq;
}

TEST(AbPropsTest, HaveWhatsAppWebsDefaultsBeforeTheFirstFetch) {
  AbProps props;
  EXPECT_EQ(MakeAbPropsQuery(props, /*whole=*/false)
                .FindChild("props")
                ->Attribute("hash"),
            std::nullopt);
  ASSERT_TRUE(ApplyAbProps(Answer({}), kNow, props).ok());
  EXPECT_TRUE(props.token_with_picture);
  EXPECT_FALSE(props.token_with_time);
  EXPECT_EQ(props.token_bucket, absl::Hours(7 * 24));
  EXPECT_EQ(props.token_buckets, 4);
  EXPECT_EQ(props.due, kNow + absl::Hours(24));
  EXPECT_EQ(MakeAbPropsQuery(props, /*whole=*/false)
                .FindChild("props")
                ->AttributeOr("hash"),
            "H1");
  EXPECT_EQ(MakeAbPropsQuery(props, /*whole=*/true)
                .FindChild("props")
                ->Attribute("hash"),
            std::nullopt);
}

TEST(AbPropsTest, OnlyChangesAreAppliedToADelta) {
  AbProps props;
  ASSERT_TRUE(
      ApplyAbProps(Answer({{"865", "3600"}, {"909", "26"}, {"9666", "false"}}),
                   kNow, props)
          .ok());
  EXPECT_EQ(props.token_bucket, absl::Hours(1));
  ASSERT_TRUE(
      ApplyAbProps(Answer({{"9666", "1"}}, /*delta=*/true), kNow, props).ok());
  EXPECT_TRUE(props.token_with_picture);
  EXPECT_EQ(props.token_bucket, absl::Hours(1));
  EXPECT_EQ(props.token_buckets, 26);
  // A full set resets the props that it does not contain to their defaults.
  ASSERT_TRUE(ApplyAbProps(Answer({{"9666", "0"}}), kNow, props).ok());
  EXPECT_FALSE(props.token_with_picture);
  EXPECT_EQ(props.token_buckets, 4);
}

TEST(AbPropsTest, ParsesBooleansAsWhatsAppWebDoes) {
  for (const char* value : {"1", "true", "TRUE", "enabled"}) {
    AbProps props;
    props.token_with_picture = false;
    ASSERT_TRUE(
        ApplyAbProps(Answer({{"9666", value}}, true), kNow, props).ok());
    EXPECT_TRUE(props.token_with_picture) << value;
  }
  for (const char* value : {"0", "false", "", "yes", "2"}) {
    AbProps props;
    ASSERT_TRUE(
        ApplyAbProps(Answer({{"9666", value}}, true), kNow, props).ok());
    EXPECT_FALSE(props.token_with_picture) << value;
  }
}

TEST(AbPropsTest, TokensAreSentWithTheirTimeIfTheServerSaysSo) {
  AbProps props;
  ASSERT_TRUE(ApplyAbProps(Answer({{"4992", "true"}}), kNow, props).ok());
  EXPECT_TRUE(props.token_with_time);
  ASSERT_TRUE(ApplyAbProps(Answer({{"4992", "0"}}), kNow, props).ok());
  EXPECT_FALSE(props.token_with_time);
}

TEST(AbPropsTest, AnUnreadablePropKeepsItsValue) {
  AbProps props;
  for (const char* value : {"0", "-1", "x", "", "99999999999999999999"}) {
    ASSERT_TRUE(
        ApplyAbProps(Answer({{"865", value}, {"909", value}}), kNow, props)
            .ok());
    EXPECT_EQ(props.token_bucket, absl::Hours(7 * 24)) << value;
    EXPECT_EQ(props.token_buckets, 4) << value;
  }
  EXPECT_FALSE(ApplyAbProps(MakeNode("iq"), kNow, props).ok());
  Node error = MakeNode("iq", {{"type", std::string("error")}});
  error.AddChild(MakeNode("error", {{"code", std::string("503")}}));
  EXPECT_TRUE(absl::IsUnavailable(ApplyAbProps(error, kNow, props)));
}

}  // namespace
}  // namespace portrait::whatsapp
