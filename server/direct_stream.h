// DirectStream is a call of EnrichProfilePictures that comes from this process;
// see direct_lookup.h.
#ifndef PORTRAIT_SERVER_DIRECT_STREAM_H_
#define PORTRAIT_SERVER_DIRECT_STREAM_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "grpcpp/support/status.h"
#include "server/backends.h"
#include "server/direct_lookup.h"
#include "server/open_streams.h"

namespace portrait {

inline constexpr char kEnrichMethod[] =
    "ProfilePictureService/EnrichProfilePictures";

// The caller's end. Thread-safe; functions that it is given are called once, on
// any thread, perhaps at once. At most one Write and one Read wait at a time.
class DirectStream {
 public:
  // The call's `request` is empty: Write sends the messages. `backends` is
  // borrowed until the destruction.
  static std::shared_ptr<DirectStream> Start(
      const Backends& backends, std::shared_ptr<OpenStreams> streams,
      const DirectCall& call);
  virtual ~DirectStream() = default;

  // `taken` tells when the server has taken the message, which is backpressure;
  // false if the call has ended.
  virtual void Write(std::string message, std::function<void(bool)> taken) = 0;
  // No more messages follow.
  virtual void WritesDone() = 0;
  // Passes the next message to `got`; nullopt once there are no more.
  virtual void Read(std::function<void(std::optional<std::string>)> got) = 0;
  // Passes the call's status to `ended`. Call it once.
  virtual void WaitForEnd(std::function<void(grpc::Status)> ended) = 0;
  // Ends the call with `why`, unless it has ended. A call must be cancelled or
  // read to its end.
  virtual void Cancel(const absl::Status& why) = 0;
  // For the caller; the trace is empty if it sent none.
  virtual const std::string& request_id() const = 0;
  virtual const std::string& trace_parent() const = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_DIRECT_STREAM_H_
