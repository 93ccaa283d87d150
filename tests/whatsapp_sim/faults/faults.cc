#include "tests/whatsapp_sim/faults/faults.h"

#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/base/proto_time.h"
#include "core/base/random.h"
#include "core/base/status_macros.h"

namespace portrait::sim {
namespace {

absl::Status CheckProbability(const char* name, double value) {
  if (value >= 0 && value <= 1) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(name, " is ", value, "; expected 0 to 1"));
}

absl::Status CheckNotNegative(const char* name, absl::Duration value) {
  if (value >= absl::ZeroDuration()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(name, " is negative"));
}

}  // namespace

absl::StatusOr<Faults> ParseFaults(const v1::SetFaultsRequest& request) {
  Faults faults{
      .latency = FromProto(request.latency()),
      .latency_jitter = FromProto(request.latency_jitter()),
      .rate_limit_per_session = request.rate_limit_per_session(),
      .drop_probability = request.drop_probability(),
      .error_probability = request.error_probability(),
      .disconnect_probability = request.disconnect_probability(),
      .malformed_probability = request.malformed_probability(),
      .usync_users_limit = request.usync_users_limit(),
      .usync_faults = {},
      .picture_fault = {static_cast<int>(request.picture_fault().code()),
                        FromProto(request.picture_fault().backoff()),
                        request.picture_fault().inside()},
  };
  for (const v1::UsyncFault& fault : request.usync_faults()) {
    faults.usync_faults.push_back(
        {fault.protocol(), static_cast<int>(fault.code()),
         FromProto(fault.backoff()), fault.per_user()});
    RETURN_IF_ERROR(CheckNotNegative("usync_faults.backoff",
                                     faults.usync_faults.back().backoff));
  }
  RETURN_IF_ERROR(
      CheckNotNegative("picture_fault.backoff", faults.picture_fault.backoff));
  RETURN_IF_ERROR(CheckNotNegative("latency", faults.latency));
  RETURN_IF_ERROR(CheckNotNegative("latency_jitter", faults.latency_jitter));
  if (!(faults.rate_limit_per_session >= 0) ||
      std::isinf(faults.rate_limit_per_session)) {
    return absl::InvalidArgumentError(
        "rate_limit_per_session is no rate; expected 0 or more queries/s");
  }
  RETURN_IF_ERROR(
      CheckProbability("drop_probability", faults.drop_probability));
  RETURN_IF_ERROR(
      CheckProbability("error_probability", faults.error_probability));
  RETURN_IF_ERROR(CheckProbability("disconnect_probability",
                                   faults.disconnect_probability));
  RETURN_IF_ERROR(
      CheckProbability("malformed_probability", faults.malformed_probability));
  return faults;
}

absl::Duration DrawLatency(const Faults& faults) {
  if (faults.latency_jitter == absl::ZeroDuration()) return faults.latency;
  return faults.latency + faults.latency_jitter * RandomBetween(0, 1);
}

bool Draw(double probability) {
  return probability > 0 && RandomBetween(0, 1) < probability;
}

}  // namespace portrait::sim
