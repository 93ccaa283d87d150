// ChangeWatcher receives the changes of profile pictures. If the connection
// breaks or the server restarts, it reconnects and resumes after the last
// change that it received.
#ifndef PORTRAIT_CLIENT_CHANGE_WATCHER_H_
#define PORTRAIT_CLIENT_CHANGE_WATCHER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "client/portrait_client.h"
#include "client/wakeup.h"
#include "portrait/v1/profile_picture.pb.h"

namespace portrait::client {

struct WatchOptions {
  std::string resume_token;           // empty: only changes from now on
  std::vector<std::string> contacts;  // empty: every contact
  // If no message arrives from any server for this long, Run fails.
  absl::Duration retry_for = absl::InfiniteDuration();
  absl::Duration first_backoff = absl::Milliseconds(200);
  absl::Duration longest_backoff = absl::Seconds(5);
  // Called on Run's thread when the stream has broken, before a reconnect.
  std::function<void(const absl::Status&)> on_trouble;
};

// Cancel is thread-safe; the other methods are thread-compatible. The client
// must outlive this object.
class ChangeWatcher {
 public:
  // Receives each response on Run's thread, including heartbeats, which have no
  // changes. The response's resume_token resumes after its changes: save the
  // token only after the changes are saved. An error ends the run.
  using Sink = std::function<absl::Status(
      const v1::WatchProfilePictureChangesResponse&)>;

  ChangeWatcher(PortraitClient& client, WatchOptions options);

  // Runs until it fails; never returns OK. Returns CANCELLED after Cancel(),
  // the error of the sink, the error of a server that refused the call, or,
  // after retry_for, the error of the last stream.
  absl::Status Run(const Sink& sink);

  void Cancel();

 private:
  // Opens one stream and reads it to its end.
  absl::Status Follow(const Sink& sink, absl::Status* sink_status);
  bool cancelled() const;

  PortraitClient& client_;
  const WatchOptions options_;
  std::string resume_token_;
  bool heard_ = false;  // whether the last stream delivered a message
  Wakeup wakeup_;

  mutable absl::Mutex mu_;
  bool cancelled_ ABSL_GUARDED_BY(mu_) = false;
  // The context of the open stream; owned by Follow.
  grpc::ClientContext* context_ ABSL_GUARDED_BY(mu_) = nullptr;
};

}  // namespace portrait::client

#endif  // PORTRAIT_CLIENT_CHANGE_WATCHER_H_
