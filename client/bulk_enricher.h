// BulkEnricher looks up any number of contacts over one stream and gives each
// exactly one result, whatever happens to the connection meanwhile: it comes
// back by itself and asks again for what had no answer.
//
//   BulkEnricher enricher(*client, {});
//   absl::Status status = enricher.Run(
//       [&]() -> absl::StatusOr<std::optional<v1::EnrichItem>> {
//         return NextContact();            // nothing: that was the last one
//       },
//       [&](v1::EnrichResult result) { return Save(result); });
#ifndef PORTRAIT_CLIENT_BULK_ENRICHER_H_
#define PORTRAIT_CLIENT_BULK_ENRICHER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/item_window.h"
#include "client/portrait_client.h"
#include "client/wakeup.h"
#include "portrait/v1/profile_picture.pb.h"

namespace portrait::client {

// How a run is doing, over all streams it has needed.
struct BulkProgress {
  uint64_t taken = 0;      // items that came from the source
  uint64_t completed = 0;  // results handed to the sink; of these:
  uint64_t from_store = 0;
  uint64_t from_whatsapp = 0;
  uint64_t failed = 0;
  uint64_t changed = 0;  // changes found, as the server counts them
  uint64_t reconnects = 0;
  uint64_t sent_again = 0;  // items, because a stream broke
  // The server's latest word; unset while there is no stream.
  std::optional<v1::EnrichProgress> server;
  absl::Status trouble;  // why there is no stream right now
};

struct BulkOptions {
  v1::LookupOptions lookup;

  size_t batch_items = 500;  // in a message; the server takes up to 1000
  // Bounds memory: items that wait for their answer, and all that is held.
  ItemWindowOptions window;

  // Without a single result for this long, and no stream that holds, the run
  // fails with the last stream's error. Zero: the first broken stream ends it.
  absl::Duration retry_for = absl::Minutes(2);
  absl::Duration first_backoff = absl::Milliseconds(200);
  absl::Duration longest_backoff = absl::Seconds(5);
  // The server says something every second while it has work. One that is
  // silent for this long is taken for gone.
  absl::Duration silence = absl::Seconds(30);

  // Called on Run's thread about every `progress_interval`, and at the end.
  std::function<void(const BulkProgress&)> on_progress;
  absl::Duration progress_interval = absl::Milliseconds(200);

  // Called once, on Run's thread, when no more items are wanted: a source that
  // is waiting for input should then return (whatever it likes).
  std::function<void()> stop_source;
};

// Cancel is thread-safe, the rest thread-compatible. Borrows the client. One
// object is one run.
class BulkEnricher {
 public:
  // The next item; nothing after the last. Called from a thread of the run's
  // own, and may wait; items taken meanwhile are sent. Tags are the caller's
  // and need not differ. An error ends the input: what was taken before it is
  // still answered, and Run returns it.
  using Source = std::function<absl::StatusOr<std::optional<v1::EnrichItem>>()>;
  // Called on Run's thread. While it works the server is held back. An error
  // ends the run.
  using Sink = std::function<absl::Status(v1::EnrichResult)>;

  BulkEnricher(PortraitClient& client, BulkOptions options);

  // Returns when every item has had its result, or:
  //   the source's or the sink's error;
  //   CANCELLED          Cancel() was called;
  //   UNAVAILABLE, …     no server for retry_for; run again later;
  //   UNAUTHENTICATED, PERMISSION_DENIED, INVALID_ARGUMENT,
  //   FAILED_PRECONDITION, …  the server refuses; retrying will not help.
  // Results that say the server is shutting down are not handed on: those items
  // are asked again over the next stream.
  absl::Status Run(Source source, Sink sink);

  // Makes Run return soon; results that have not been handed out are dropped.
  void Cancel();

 private:
  PortraitClient& client_;
  const BulkOptions options_;
  const std::shared_ptr<Wakeup> wakeup_ = std::make_shared<Wakeup>();
  std::atomic<bool> cancelled_ = false;
};

}  // namespace portrait::client

#endif  // PORTRAIT_CLIENT_BULK_ENRICHER_H_
