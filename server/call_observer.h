// CallObserver does what every call of any service needs: it assigns a request
// id and keeps the caller's W3C trace context, returns both in the metadata,
// and counts, times and logs the end of the call.
#ifndef PORTRAIT_SERVER_CALL_OBSERVER_H_
#define PORTRAIT_SERVER_CALL_OBSERVER_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/base/steady_time.h"
#include "grpcpp/support/server_interceptor.h"
#include "server/metrics.h"

namespace portrait {

inline constexpr char kRequestIdKey[] = "x-request-id";
inline constexpr char kTraceParentKey[] = "traceparent";

// What is observed of one call, whatever its protocol. Thread-compatible.
class ObservedCall {
 public:
  // `metrics` is borrowed. `method` outlives the call:
  // "SessionService/ListSessions". How long a stream is open is not measured.
  ObservedCall(Metrics& metrics, absl::string_view method, bool is_unary)
      : metrics_(metrics), method_(method), is_unary_(is_unary) {}

  // What the caller sent as request id and trace, "" for nothing.
  void Begin(absl::string_view request_id, absl::string_view trace_parent);
  void End(absl::StatusCode code) const;

  const std::string& request_id() const { return request_id_; }
  // Empty if the caller sent no valid trace.
  const std::string& trace_parent() const { return trace_parent_; }

 private:
  Metrics& metrics_;
  const absl::string_view method_;
  const bool is_unary_;
  const absl::Time start_ = SteadyNow();
  std::string request_id_;
  std::string trace_parent_;
};

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
