// ChangeWatcher follows the changes of profile pictures, and goes on where it
// was when the connection breaks or the server restarts.
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
  std::string resume_token;           // empty: from now on
  std::vector<std::string> contacts;  // empty: every contact
  // Without a word from any server for this long, Run fails.
  absl::Duration retry_for = absl::InfiniteDuration();
  absl::Duration first_backoff = absl::Milliseconds(200);
  absl::Duration longest_backoff = absl::Seconds(5);
  // Called on Run's thread when the stream has broken and is tried again.
  std::function<void(const absl::Status&)> on_trouble;
};

// Cancel is thread-safe, the rest thread-compatible. Borrows the client.
class ChangeWatcher {
 public:
  // Called on Run's thread with each response, heartbeats (no changes) too. Its
  // resume_token continues after these changes: keep it once they are safe. An
  // error ends the run.
  using Sink = std::function<absl::Status(
      const v1::WatchProfilePictureChangesResponse&)>;

  ChangeWatcher(PortraitClient& client, WatchOptions options);

  // Never returns OK: CANCELLED after Cancel(), else the sink's error, the
  // server's refusal, or the last stream's error after retry_for.
  absl::Status Run(const Sink& sink);

  void Cancel();

 private:
  // One stream, from its beginning to its end.
  absl::Status Follow(const Sink& sink, absl::Status* sink_status);
  bool cancelled() const;

  PortraitClient& client_;
  const WatchOptions options_;
  std::string resume_token_;
  bool heard_ = false;  // on the stream that ended last
  Wakeup wakeup_;

  mutable absl::Mutex mu_;
  bool cancelled_ ABSL_GUARDED_BY(mu_) = false;
  // Of the stream under way; owned by Follow.
  grpc::ClientContext* context_ ABSL_GUARDED_BY(mu_) = nullptr;
};

}  // namespace portrait::client

#endif  // PORTRAIT_CLIENT_CHANGE_WATCHER_H_
