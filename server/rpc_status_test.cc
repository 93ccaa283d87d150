#include "server/rpc_status.h"

#include <string>
#include <vector>

#include "core/base/proto_time.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"

namespace portrait {
namespace {

using ::testing::HasSubstr;

template <typename Detail>
Detail Find(const grpc::Status& status) {
  google::rpc::Status proto;
  EXPECT_TRUE(proto.ParseFromString(status.error_details()));
  Detail detail;
  for (const auto& any : proto.details()) {
    if (any.UnpackTo(&detail)) break;
  }
  return detail;
}

v1::LookupError Error(v1::ErrorReason reason, bool retry) {
  v1::LookupError error;
  error.set_reason(reason);
  error.set_message("what happened");
  if (retry) *error.mutable_retry_after() = ToProto(absl::Seconds(7));
  return error;
}

struct Case {
  v1::ErrorReason reason;
  bool retry;
  grpc::StatusCode code;
};

TEST(RpcStatusTest, EveryLookupErrorHasAMatchingCode) {
  using grpc::StatusCode;
  const std::vector<Case> cases = {
      {v1::ERROR_REASON_INVALID_CONTACT, false, StatusCode::INVALID_ARGUMENT},
      {v1::ERROR_REASON_OWN_NUMBER, false, StatusCode::INVALID_ARGUMENT},
      {v1::ERROR_REASON_SUPPRESSED, false, StatusCode::PERMISSION_DENIED},
      {v1::ERROR_REASON_QUOTA_EXCEEDED, true, StatusCode::RESOURCE_EXHAUSTED},
      {v1::ERROR_REASON_RATE_LIMITED, true, StatusCode::RESOURCE_EXHAUSTED},
      {v1::ERROR_REASON_ENUMERATION, true, StatusCode::RESOURCE_EXHAUSTED},
      {v1::ERROR_REASON_NO_SESSION, false, StatusCode::FAILED_PRECONDITION},
      {v1::ERROR_REASON_NO_SESSION, true, StatusCode::UNAVAILABLE},
      {v1::ERROR_REASON_UPSTREAM_TIMEOUT, true, StatusCode::DEADLINE_EXCEEDED},
      {v1::ERROR_REASON_UPSTREAM_ERROR, true, StatusCode::UNAVAILABLE},
      {v1::ERROR_REASON_UPSTREAM_ERROR, false, StatusCode::UNKNOWN},
      {v1::ERROR_REASON_SHUTTING_DOWN, true, StatusCode::UNAVAILABLE},
      {v1::ERROR_REASON_INTERNAL, false, StatusCode::INTERNAL},
      {v1::ERROR_REASON_UNAUTHENTICATED, false, StatusCode::UNAUTHENTICATED},
      {v1::ERROR_REASON_PERMISSION_DENIED, false,
       StatusCode::PERMISSION_DENIED},
      {v1::ERROR_REASON_STORAGE, true, StatusCode::UNAVAILABLE},
      {v1::ERROR_REASON_STORAGE, false, StatusCode::DATA_LOSS},
      {v1::ERROR_REASON_UNSPECIFIED, false, StatusCode::INTERNAL},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(v1::ErrorReason_Name(c.reason));
    const grpc::Status status = ToRpcStatus(ToStatus(Error(c.reason, c.retry)));
    EXPECT_EQ(status.error_code(), c.code);
    EXPECT_THAT(status.error_message(), HasSubstr("what happened"));
    const auto info = Find<google::rpc::ErrorInfo>(status);
    EXPECT_EQ(info.reason(), v1::ErrorReason_Name(c.reason));
    EXPECT_EQ(info.domain(), "portrait");
    const auto retry = Find<google::rpc::RetryInfo>(status);
    EXPECT_EQ(FromProto(retry.retry_delay()),
              c.retry ? absl::Seconds(7) : absl::ZeroDuration());
  }
}

TEST(RpcStatusTest, GivesEveryPlainErrorAReason) {
  const std::vector<std::pair<absl::Status, v1::ErrorReason>> cases = {
      {absl::UnauthenticatedError("m"), v1::ERROR_REASON_UNAUTHENTICATED},
      {absl::PermissionDeniedError("m"), v1::ERROR_REASON_PERMISSION_DENIED},
      {absl::ResourceExhaustedError("m"), v1::ERROR_REASON_RATE_LIMITED},
      {absl::UnavailableError("m"), v1::ERROR_REASON_STORAGE},
      {absl::DataLossError("m"), v1::ERROR_REASON_STORAGE},
      {absl::InternalError("m"), v1::ERROR_REASON_INTERNAL},
      {absl::NotFoundError("m"), v1::ERROR_REASON_UNSPECIFIED},
      {absl::UnimplementedError("m"), v1::ERROR_REASON_UNSPECIFIED},
      {ShuttingDownStatus(), v1::ERROR_REASON_SHUTTING_DOWN},
  };
  for (const auto& [status, reason] : cases) {
    SCOPED_TRACE(status.ToString());
    const grpc::Status rpc = ToRpcStatus(status);
    EXPECT_EQ(static_cast<int>(rpc.error_code()), status.raw_code());
    EXPECT_EQ(rpc.error_message(), std::string(status.message()));
    EXPECT_EQ(Find<google::rpc::ErrorInfo>(rpc).reason(),
              v1::ErrorReason_Name(reason));
  }
}

TEST(RpcStatusTest, NamesTheInvalidFieldInMessageAndDetails) {
  const grpc::Status status =
      ToRpcStatus(InvalidField("options.max_age", "must not be negative"));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(), "options.max_age: must not be negative");
  const auto bad_request = Find<google::rpc::BadRequest>(status);
  ASSERT_EQ(bad_request.field_violations_size(), 1);
  EXPECT_EQ(bad_request.field_violations(0).field(), "options.max_age");
  EXPECT_EQ(bad_request.field_violations(0).description(),
            "must not be negative");
}

TEST(RpcStatusTest, AnInvalidContactNamesItsField) {
  const grpc::Status status =
      ToRpcStatus(ToStatus(Error(v1::ERROR_REASON_INVALID_CONTACT, false)));
  EXPECT_EQ(Find<google::rpc::BadRequest>(status).field_violations(0).field(),
            "contact");
  EXPECT_EQ(Find<google::rpc::ErrorInfo>(status).reason(),
            "ERROR_REASON_INVALID_CONTACT");
}

TEST(RpcStatusTest, OkHasNoDetails) {
  EXPECT_TRUE(ToRpcStatus(absl::OkStatus()).ok());
  EXPECT_EQ(ToRpcStatus(absl::OkStatus()).error_details(), "");
  EXPECT_TRUE(WithReason(absl::OkStatus(), v1::ERROR_REASON_INTERNAL).ok());
}

}  // namespace
}  // namespace portrait
