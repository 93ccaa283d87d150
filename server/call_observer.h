// What is the same for every call, whatever service it is of: it is known by a
// request id and, where the caller traces, a W3C trace; both are given back.
// Its end is counted, timed and logged.
#ifndef PORTRAIT_SERVER_CALL_OBSERVER_H_
#define PORTRAIT_SERVER_CALL_OBSERVER_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "grpcpp/support/server_interceptor.h"
#include "server/metrics.h"

namespace portrait {

inline constexpr char kRequestIdKey[] = "x-request-id";
inline constexpr char kTraceParentKey[] = "traceparent";

// For grpc::ServerBuilder. `metrics` is borrowed.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
NewCallObservers(Metrics& metrics);

// `given` where it is of 1 to 128 visible ASCII characters; else one made up.
std::string RequestIdOf(absl::string_view given);

// Whether it is a traceparent of version 00 (W3C Trace Context): two hex
// digits, 32 that are not all zero, 16 that are not all zero, and two.
bool IsTraceParent(absl::string_view given);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_CALL_OBSERVER_H_
