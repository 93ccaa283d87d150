#include "server/access_service.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/base/proto_time.h"
#include "core/base/status_macros.h"
#include "google/protobuf/util/time_util.h"
#include "server/rpc_status.h"
#include "server/store_call.h"

namespace portrait {
namespace {

constexpr size_t kMaxTenantBytes = 63;
constexpr int32_t kNanosPerSecond = 1'000'000'000;
// A limit must be within this range, or 0 for no limit.
constexpr double kLeastLookupsPerSecond = 0.001;
constexpr double kMostLookupsPerSecond = 1e6;

bool IsTenantName(absl::string_view name) {
  return !name.empty() && name.size() <= kMaxTenantBytes &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-';
         });
}

absl::Status CheckExpireTime(const google::protobuf::Timestamp& time) {
  using google::protobuf::util::TimeUtil;
  if (time.seconds() > TimeUtil::kTimestampMaxSeconds || time.nanos() < 0 ||
      time.nanos() >= kNanosPerSecond) {
    return InvalidField("expire_time", "is not a valid time");
  }
  if (FromProto(time) <= absl::Now()) {
    return InvalidField("expire_time", "is in the past");
  }
  return absl::OkStatus();
}

// Sets the token's role and rights from the request, which may leave either
// unset.
absl::Status ParseRights(const v1::CreateTokenRequest& request,
                         v1::Token* token) {
  v1::Role role = request.role();
  if (role != v1::ROLE_LOOKUP && role != v1::ROLE_ADMIN &&
      (role != v1::ROLE_UNSPECIFIED || request.rights().empty())) {
    return InvalidField("role", "expected ROLE_LOOKUP or ROLE_ADMIN");
  }
  for (const int right : request.rights()) {
    if (right == v1::RIGHT_UNSPECIFIED || !v1::Right_IsValid(right)) {
      return InvalidField("rights", absl::StrCat(right, " is not a Right"));
    }
  }
  if (!request.rights().empty()) {
    const v1::Role implied = Rights(request.rights()).Has(v1::RIGHT_ADMIN)
                                 ? v1::ROLE_ADMIN
                                 : v1::ROLE_LOOKUP;
    if (role != v1::ROLE_UNSPECIFIED && role != implied) {
      return InvalidField("rights",
                          "contradict the role; leave the role unset");
    }
    role = implied;
  }
  token->set_role(role);
  *token->mutable_rights() = request.rights();
  return absl::OkStatus();
}

absl::StatusOr<v1::Token> ParseNewToken(const v1::CreateTokenRequest& request) {
  if (!IsTenantName(request.tenant())) {
    return InvalidField("tenant", "expected [a-z0-9-]{1,63}");
  }
  v1::Token token;
  RETURN_IF_ERROR(ParseRights(request, &token));
  const double rate = request.lookups_per_second();
  // The comparison is also false for NaN.
  if (!(rate == 0 ||
        (rate >= kLeastLookupsPerSecond && rate <= kMostLookupsPerSecond))) {
    return InvalidField(
        "lookups_per_second",
        absl::StrCat("expected ", kLeastLookupsPerSecond, " to ",
                     kMostLookupsPerSecond, ", or 0 for no limit"));
  }
  if (request.has_expire_time()) {
    RETURN_IF_ERROR(CheckExpireTime(request.expire_time()));
    *token.mutable_expire_time() = request.expire_time();
  }
  token.set_tenant(request.tenant());
  token.set_monthly_quota(request.monthly_quota());
  token.set_lookups_per_second(rate);
  token.set_enumeration_guard_off(request.enumeration_guard_off());
  return token;
}

absl::Status Create(AccessControl& access,
                    const v1::CreateTokenRequest& request,
                    v1::CreateTokenResponse* response) {
  ASSIGN_OR_RETURN(v1::Token wanted, ParseNewToken(request));
  ASSIGN_OR_RETURN(AccessControl::NewToken made,
                   access.CreateToken(std::move(wanted)));
  *response->mutable_token() = std::move(made.token);
  response->set_secret(std::move(made.secret));
  return absl::OkStatus();
}

absl::Status GetUsageOf(Tenants& tenants, const Principal& caller,
                        const v1::GetUsageRequest& request,
                        v1::GetUsageResponse* response) {
  const std::string& tenant =
      request.tenant().empty() ? caller.tenant : request.tenant();
  if (tenant != caller.tenant && !caller.rights.Has(v1::RIGHT_ADMIN)) {
    return absl::PermissionDeniedError(absl::StrCat(
        "token ", caller.token_id,
        " may read only the usage of its own tenant, ", caller.tenant));
  }
  absl::StatusOr<v1::GetUsageResponse> usage =
      tenants.GetUsage(tenant, request.month());
  if (absl::IsInvalidArgument(usage.status())) {
    return InvalidField("month", usage.status().message());
  }
  RETURN_IF_ERROR(usage.status());
  *response = *std::move(usage);
  return absl::OkStatus();
}

}  // namespace

grpc::ServerUnaryReactor* AccessService::CreateToken(
    grpc::CallbackServerContext* context, const v1::CreateTokenRequest* request,
    v1::CreateTokenResponse* response) {
  return AnswerOnStoreThread(
      backends_, context,
      [&access = backends_.access, request, response](const Principal&) {
        return Create(access, *request, response);
      });
}

grpc::ServerUnaryReactor* AccessService::ListTokens(
    grpc::CallbackServerContext* context, const v1::ListTokensRequest* request,
    v1::ListTokensResponse* response) {
  return AnswerOnStoreThread(
      backends_, context,
      [&access = backends_.access, request, response](const Principal&) {
        for (v1::Token& token : access.ListTokens(request->tenant())) {
          *response->add_tokens() = std::move(token);
        }
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* AccessService::RevokeToken(
    grpc::CallbackServerContext* context, const v1::RevokeTokenRequest* request,
    v1::RevokeTokenResponse* /*response*/) {
  return AnswerOnStoreThread(
      backends_, context,
      [&access = backends_.access, request](const Principal&) {
        return access.RevokeToken(request->token_id());
      });
}

grpc::ServerUnaryReactor* AccessService::GetUsage(
    grpc::CallbackServerContext* context, const v1::GetUsageRequest* request,
    v1::GetUsageResponse* response) {
  return AnswerOnStoreThread(backends_, context,
                             [&tenants = backends_.tenants, request,
                              response](const Principal& caller) {
                               return GetUsageOf(tenants, caller, *request,
                                                 response);
                             });
}

}  // namespace portrait
