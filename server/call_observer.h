// CallObserver does what every call of any service needs: it assigns a request
// id and keeps the caller's W3C trace context, returns both in the metadata,
// and counts, times and logs the end of the call.
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

// Returns `given` if it has 1 to 128 visible ASCII characters; otherwise a new
// id.
std::string RequestIdOf(absl::string_view given);

// Whether `given` is a traceparent of version 00 (W3C Trace Context): two hex
// digits, 32 that are not all zero, 16 that are not all zero, and two.
bool IsTraceParent(absl::string_view given);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_CALL_OBSERVER_H_
