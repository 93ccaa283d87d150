#include "server/call_observer.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/log_format.h"
#include "core/base/random.h"
#include "core/base/steady_time.h"
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
      : metrics_(metrics),
        method_(MethodOf(call->method())),
        is_unary_(call->type() == ServerRpcInfo::Type::UNARY) {}

  void Intercept(InterceptorBatchMethods* batch) override {
    if (batch->QueryInterceptionHookPoint(
            InterceptionHookPoints::POST_RECV_INITIAL_METADATA)) {
      OnBegin(*batch->GetRecvInitialMetadata());
    }
    if (batch->QueryInterceptionHookPoint(
            InterceptionHookPoints::PRE_SEND_INITIAL_METADATA)) {
      auto* const metadata = batch->GetSendInitialMetadata();
      metadata->emplace(kRequestIdKey, request_id_);
      if (!trace_parent_.empty()) {
        metadata->emplace(kTraceParentKey, trace_parent_);
      }
    }
    if (batch->QueryInterceptionHookPoint(
            InterceptionHookPoints::PRE_SEND_STATUS)) {
      OnEnd(batch->GetSendStatus());
    }
    batch->Proceed();
  }

 private:
  template <typename Metadata>
  void OnBegin(const Metadata& metadata) {
    const auto value = [&](const char* key) {
      const auto found = metadata.find(key);
      if (found == metadata.end()) return absl::string_view();
      return absl::string_view(found->second.data(), found->second.size());
    };
    request_id_ = RequestIdOf(value(kRequestIdKey));
    const absl::string_view trace = value(kTraceParentKey);
    if (IsTraceParent(trace)) trace_parent_ = std::string(trace);
  }

  void OnEnd(const grpc::Status& status) {
    const absl::Duration took = SteadyNow() - start_;
    const auto code = static_cast<absl::StatusCode>(status.error_code());
    metrics_.CountRpc(method_, code);
    // How long a stream was open is not a useful metric.
    if (is_unary_) metrics_.ObserveRpc(method_, took);
    if (!LogsDebug()) return;
    LogDebug("rpc ended{}", LogFields({{"method", method_},
                                       {"code", absl::StatusCodeToString(code)},
                                       {"took", absl::FormatDuration(took)},
                                       {"request_id", request_id_},
                                       {"traceparent", trace_parent_}}));
  }

  Metrics& metrics_;
  const absl::string_view method_;  // a literal that gRPC keeps
  const bool is_unary_;
  const absl::Time start_ = SteadyNow();
  std::string request_id_;
  std::string trace_parent_;  // empty: the caller sent no trace
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
