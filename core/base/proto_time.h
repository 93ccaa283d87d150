// Converts absl::Time and absl::Duration to and from their protobuf messages.
// The messages are valid for every protobuf library: a time or duration beyond
// protobuf's range becomes the nearest value within it.
#ifndef PORTRAIT_CORE_BASE_PROTO_TIME_H_
#define PORTRAIT_CORE_BASE_PROTO_TIME_H_

#include <algorithm>
#include <cstdint>

#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace portrait {

// The range of Timestamp: 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999Z.
inline constexpr int64_t kMinProtoMicros = -62'135'596'800 * 1'000'000;
inline constexpr int64_t kMaxProtoMicros = 253'402'300'800 * 1'000'000 - 1;
// The range of Duration, positive and negative: 10,000 years.
inline constexpr int64_t kMaxProtoDurationSeconds = 315'576'000'000;

// Rounds down to the microsecond; no time in this project is more precise.
inline google::protobuf::Timestamp ToProto(absl::Time time) {
  google::protobuf::Timestamp proto;
  const int64_t micros =
      std::clamp(absl::ToUnixMicros(time), kMinProtoMicros, kMaxProtoMicros);
  int64_t seconds = micros / 1'000'000;
  int64_t rest = micros % 1'000'000;
  if (rest < 0) {
    rest += 1'000'000;
    --seconds;
  }
  proto.set_seconds(seconds);
  proto.set_nanos(static_cast<int32_t>(rest * 1000));
  return proto;
}

inline absl::Time FromProto(const google::protobuf::Timestamp& proto) {
  return absl::FromUnixSeconds(proto.seconds()) +
         absl::Nanoseconds(proto.nanos());
}

inline google::protobuf::Duration ToProto(absl::Duration duration) {
  google::protobuf::Duration proto;
  const absl::Duration most = absl::Seconds(kMaxProtoDurationSeconds);
  duration = std::clamp(duration, -most, most);
  proto.set_seconds(absl::IDivDuration(duration, absl::Seconds(1), &duration));
  proto.set_nanos(static_cast<int32_t>(
      absl::IDivDuration(duration, absl::Nanoseconds(1), &duration)));
  return proto;
}

inline absl::Duration FromProto(const google::protobuf::Duration& proto) {
  return absl::Seconds(proto.seconds()) + absl::Nanoseconds(proto.nanos());
}

}  // namespace portrait

#endif  // PORTRAIT_CORE_BASE_PROTO_TIME_H_
