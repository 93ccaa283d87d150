#include "server/call_gate.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/access/rights.h"
#include "core/base/telemetry.h"
#include "server/method_rights.h"
#include "server/rpc_status.h"

namespace portrait {
namespace {

using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::InterceptorBatchMethods;
using grpc::experimental::ServerRpcInfo;

// The verdict is stored in the call's metadata, which handlers and interceptors
// share. Its key is recognized by this address: an entry that a caller sends is
// at another address, even if it has the same name.
constexpr char kVerdictKey[] = "verdict";

CallVerdict NotJudged() {
  return {{}, absl::InternalError("the call was not authenticated")};
}

std::vector<absl::string_view> AuthorizationsOf(const CallMetadata& metadata) {
  std::vector<absl::string_view> values;
  const auto [first, last] = metadata.equal_range("authorization");
  for (auto entry = first; entry != last; ++entry) {
    values.emplace_back(entry->second.data(), entry->second.size());
  }
  return values;
}

// One call. gRPC runs its hooks one after the other, the first of them before
// it creates the handler's reactor.
class CallGate final : public grpc::experimental::Interceptor {
 public:
  CallGate(absl::string_view method, const AccessControl& access)
      : method_(method), access_(access) {}

  void Intercept(InterceptorBatchMethods* batch) override {
    if (batch->QueryInterceptionHookPoint(
            InterceptionHookPoints::POST_RECV_INITIAL_METADATA)) {
      CallMetadata& metadata = *batch->GetRecvInitialMetadata();
      verdict_ = JudgeCall(access_, method_, AuthorizationsOf(metadata));
      const auto* const address = reinterpret_cast<const char*>(&verdict_);
      metadata.emplace(grpc::string_ref(kVerdictKey),
                       grpc::string_ref(address, sizeof(verdict_)));
    }
    // Fails the call if its handler has not asked for the caller.
    if (batch->QueryInterceptionHookPoint(
            InterceptionHookPoints::PRE_SEND_STATUS) &&
        !verdict_.status.ok() && batch->GetSendStatus().ok()) {
      LogError("{} sent a response to a caller without the required right",
               std::string(method_));
      batch->ModifySendStatus(ToRpcStatus(verdict_.status));
    }
    batch->Proceed();
  }

 private:
  const absl::string_view method_;  // a literal that gRPC keeps
  const AccessControl& access_;
  CallVerdict verdict_ = NotJudged();
};

class GateFactory final
    : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  explicit GateFactory(const AccessControl& access) : access_(access) {}

  grpc::experimental::Interceptor* CreateServerInterceptor(
      ServerRpcInfo* call) override {
    absl::string_view method(call->method());
    if (!absl::ConsumePrefix(&method, kServicePrefix)) return nullptr;
    return new CallGate(method, access_);
  }

 private:
  const AccessControl& access_;
};

}  // namespace

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
NewCallGates(const AccessControl& access) {
  return std::make_unique<GateFactory>(access);
}

CallVerdict JudgeCall(const AccessControl& access, absl::string_view method,
                      absl::Span<const absl::string_view> authorizations) {
  CallVerdict verdict;
  if (authorizations.empty()) {
    verdict.status = absl::UnauthenticatedError(
        "the request has no token: send \"authorization: Bearer TOKEN\" "
        "metadata");
    return verdict;
  }
  if (authorizations.size() > 1) {
    verdict.status = absl::UnauthenticatedError(
        "the request has several authorization headers: send one");
    return verdict;
  }
  absl::StatusOr<Principal> caller =
      access.Authenticate(authorizations[0], v1::RIGHT_UNSPECIFIED);
  if (!caller.ok()) {
    verdict.status = caller.status();
    return verdict;
  }
  verdict.caller = *std::move(caller);
  const std::optional<v1::Right> right = RightFor(method);
  verdict.status = right.has_value() ? CheckRight(verdict.caller, *right)
                                     : absl::PermissionDeniedError(absl::StrCat(
                                           "no right is defined for ", method));
  return verdict;
}

const CallVerdict& VerdictOf(const CallMetadata& metadata) {
  const auto [first, last] = metadata.equal_range(kVerdictKey);
  for (auto entry = first; entry != last; ++entry) {
    if (entry->first.data() != kVerdictKey) continue;
    return *reinterpret_cast<const CallVerdict*>(entry->second.data());
  }
  static const auto& not_judged = *new CallVerdict(NotJudged());
  return not_judged;
}

absl::StatusOr<Principal> CallerOf(const grpc::CallbackServerContext& context) {
  const CallVerdict& verdict = VerdictOf(context.client_metadata());
  if (!verdict.status.ok()) return verdict.status;
  return verdict.caller;
}

absl::Status CheckRight(const Principal& caller, v1::Right right) {
  if (caller.rights.Has(right)) return absl::OkStatus();
  return MissingRightError(caller.token_id, right);
}

}  // namespace portrait
