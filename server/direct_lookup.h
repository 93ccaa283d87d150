// DirectLookup is a call of GetProfilePicture that comes from this process, for
// protocols other than gRPC. It does what gRPC's interceptors and the handler
// do, by the same functions, without gRPC's queues and threads: the token and
// its right (call_gate.h), request id, trace, metrics and log
// (call_observer.h), quota, rate, guard, audit and usage (accounted_lookup.h).
#ifndef PORTRAIT_SERVER_DIRECT_LOOKUP_H_
#define PORTRAIT_SERVER_DIRECT_LOOKUP_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/backends.h"

namespace portrait {

inline constexpr char kGetPictureMethod[] =
    "ProfilePictureService/GetProfilePicture";

// A call as its protocol received it. The views are read by Start only.
struct DirectCall {
  // The values of all headers of that name: "Bearer TOKEN".
  std::vector<absl::string_view> authorizations;
  absl::string_view request_id, trace_parent;  // empty: not sent
  absl::Time deadline = absl::InfiniteFuture();
  absl::string_view request;  // a serialized GetProfilePictureRequest
};

struct DirectAnswer {
  absl::Status status;
  std::string response;  // a serialized GetProfilePictureResponse, if OK
  std::string request_id, trace_parent;  // for the caller
};

// Thread-safe. A call that is destroyed is given up.
class DirectLookup {
 public:
  // If the store has the answer, the call has ended when this returns.
  // `backends` is borrowed until the destruction.
  static std::shared_ptr<DirectLookup> Start(const Backends& backends,
                                             const DirectCall& call);
  virtual ~DirectLookup() = default;

  virtual bool HasEnded() const = 0;
  // Returns false if the call has ended; otherwise calls `done` at its end, on
  // any thread. Call it once.
  virtual bool WaitFor(std::function<void()> done) = 0;
  // Ends the call, unless it has ended: its caller has left or waits no longer.
  virtual void GiveUp(const absl::Status& why) = 0;
  // Call it once, after the call has ended.
  virtual DirectAnswer TakeAnswer() = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_DIRECT_LOOKUP_H_
