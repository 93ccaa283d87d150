#include "core/base/proto_time.h"

#include <google/protobuf/util/json_util.h>

#include <string>

#include "gtest/gtest.h"

namespace portrait {
namespace {

// The message as JSON, as a client prints it; "" if the library refuses it.
template <typename Proto>
std::string Json(const Proto& proto) {
  std::string json;
  const bool ok =
      google::protobuf::util::MessageToJsonString(proto, &json).ok();
  return ok ? json : "";
}

TEST(ProtoTimeTest, EveryTimeBecomesAValidTimestamp) {
  const struct {
    absl::Time time;
    const char* json;
  } kCases[] = {
      {absl::InfinitePast(), "\"0001-01-01T00:00:00Z\""},
      {absl::FromUnixSeconds(-62'135'596'801), "\"0001-01-01T00:00:00Z\""},
      {absl::UnixEpoch() - absl::Microseconds(1),
       "\"1969-12-31T23:59:59.999999Z\""},
      {absl::UnixEpoch(), "\"1970-01-01T00:00:00Z\""},
      {absl::FromUnixSeconds(253'402'300'800),
       "\"9999-12-31T23:59:59.999999Z\""},
      {absl::InfiniteFuture(), "\"9999-12-31T23:59:59.999999Z\""},
  };
  for (const auto& c : kCases) EXPECT_EQ(Json(ToProto(c.time)), c.json);
}

TEST(ProtoTimeTest, EveryDurationBecomesAValidDuration) {
  const struct {
    absl::Duration duration;
    const char* json;
  } kCases[] = {
      {absl::InfiniteDuration(), "\"315576000000s\""},
      {-absl::InfiniteDuration(), "\"-315576000000s\""},
      {absl::Seconds(315'576'000'001), "\"315576000000s\""},
      {absl::Milliseconds(-1500), "\"-1.500s\""},
      {absl::ZeroDuration(), "\"0s\""},
      {absl::Milliseconds(1), "\"0.001s\""},
  };
  for (const auto& c : kCases) EXPECT_EQ(Json(ToProto(c.duration)), c.json);
}

TEST(ProtoTimeTest, ValuesInRangeRoundTrip) {
  const absl::Time time = absl::FromUnixMicros(1'800'000'000'123'456);
  EXPECT_EQ(FromProto(ToProto(time)), time);
  const absl::Duration span = absl::Hours(3) + absl::Nanoseconds(7);
  EXPECT_EQ(FromProto(ToProto(span)), span);
}

}  // namespace
}  // namespace portrait
