#include "server/call_observer.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/log_format.h"
#include "core/base/random.h"
#include "core/base/telemetry.h"

namespace portrait {
namespace {

using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::InterceptorBatchMethods;
using grpc::experimental::ServerRpcInfo;

constexpr size_t kMaxRequestIdBytes = 128;

// Distinguishes ids of different processes, each of which counts from 1.
const std::string& IdsOfThisProcess() {
  static const auto& prefix =
      *new std::string(absl::BytesToHexString(RandomBytes(/*bytes=*/4)));
  return prefix;
}

bool IsLowerHex(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f');
  });
}

// "/portrait.v1.SessionService/ListSessions" → "SessionService/ListSessions".
absl::string_view MethodOf(const char* path) {
  absl::string_view method(path);
  absl::ConsumePrefix(&method, "/");
  absl::ConsumePrefix(&method, "portrait.v1.");
  return method;
}

// One call. gRPC runs its hooks one after the other.
class CallObserver final : public grpc::experimental::Interceptor {
 public:
  CallObserver(ServerRpcInfo* call, Metrics& metrics)
      : call_(metrics, MethodOf(call->method()),
              call->type() == ServerRpcInfo::Type::UNARY) {}

  void Intercept(InterceptorBatchMethods* batch) override {
    if (batch->QueryInterceptionHookPoint(
            InterceptionHookPoints::POST_RECV_INITIAL_METADATA)) {
      const auto& metadata = *batch->GetRecvInitialMetadata();
      const auto value = [&](const char* key) {
        const auto found = metadata.find(key);
        if (found == metadata.end()) return absl::string_view();
        return absl::string_view(found->second.data(), found->second.size());
      };
      call_.Begin(value(kRequestIdKey), value(kTraceParentKey));
    }
    if (batch->QueryInterceptionHookPoint(
            InterceptionHookPoints::PRE_SEND_INITIAL_METADATA)) {
      auto* const metadata = batch->GetSendInitialMetadata();
      metadata->emplace(kRequestIdKey, call_.request_id());
      if (!call_.trace_parent().empty()) {
        metadata->emplace(kTraceParentKey, call_.trace_parent());
      }
    }
    if (batch->QueryInterceptionHookPoint(
            InterceptionHookPoints::PRE_SEND_STATUS)) {
      call_.End(
          static_cast<absl::StatusCode>(batch->GetSendStatus().error_code()));
    }
    batch->Proceed();
  }

 private:
  ObservedCall call_;
};

class ObserverFactory final
    : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  explicit ObserverFactory(Metrics& metrics) : metrics_(metrics) {}
  grpc::experimental::Interceptor* CreateServerInterceptor(
      ServerRpcInfo* call) override {
    return new CallObserver(call, metrics_);
  }

 private:
  Metrics& metrics_;
};

}  // namespace

void ObservedCall::Begin(absl::string_view request_id,
                         absl::string_view trace_parent) {
  request_id_ = RequestIdOf(request_id);
  if (IsTraceParent(trace_parent)) trace_parent_ = std::string(trace_parent);
}

void ObservedCall::End(absl::StatusCode code) const {
  const absl::Duration took = SteadyNow() - start_;
  metrics_.CountRpc(method_, code);
  if (is_unary_) metrics_.ObserveRpc(method_, took);
  if (!LogsDebug()) return;
  LogDebug("rpc ended{}", LogFields({{"method", method_},
                                     {"code", absl::StatusCodeToString(code)},
                                     {"took", absl::FormatDuration(took)},
                                     {"request_id", request_id_},
                                     {"traceparent", trace_parent_}}));
}

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
NewCallObservers(Metrics& metrics) {
  return std::make_unique<ObserverFactory>(metrics);
}

std::string RequestIdOf(absl::string_view given) {
  if (!given.empty() && given.size() <= kMaxRequestIdBytes &&
      std::all_of(given.begin(), given.end(), absl::ascii_isgraph)) {
    return std::string(given);
  }
  static std::atomic<uint32_t> last = 0;
  return absl::StrCat(IdsOfThisProcess(), absl::Hex(++last, absl::kZeroPad8));
}

bool IsTraceParent(absl::string_view given) {
  constexpr size_t kTraceAt = 3, kTraceDigits = 32;
  constexpr size_t kSpanAt = kTraceAt + kTraceDigits + 1;
  constexpr size_t kSpanDigits = 16;
  constexpr size_t kFlagsAt = kSpanAt + kSpanDigits + 1;
  if (given.size() != kFlagsAt + 2 || given.substr(0, kTraceAt) != "00-" ||
      given[kSpanAt - 1] != '-' || given[kFlagsAt - 1] != '-') {
    return false;
  }
  const absl::string_view trace = given.substr(kTraceAt, kTraceDigits);
  const absl::string_view span = given.substr(kSpanAt, kSpanDigits);
  return IsLowerHex(trace) && IsLowerHex(span) &&
         IsLowerHex(given.substr(kFlagsAt)) &&
         trace.find_first_not_of('0') != absl::string_view::npos &&
         span.find_first_not_of('0') != absl::string_view::npos;
}

}  // namespace portrait
