// BulkEnricher looks up any number of contacts over a bulk stream and returns
// exactly one result for each. If the connection breaks, it reconnects and
// sends the items again that have no result yet.
//
//   BulkEnricher enricher(*client, {});
//   absl::Status status = enricher.Run(
//       [&]() -> absl::StatusOr<std::optional<v1::EnrichItem>> {
//         return NextContact();  // nullopt: there are no more items
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

// The progress of a run, counted over all streams that the run has opened.
struct BulkProgress {
  uint64_t taken = 0;  // items read from the source
  // Results that have arrived, which consist of the next three. In an ordered
  // run, the sink may still wait for some of them.
  uint64_t completed = 0;
  uint64_t from_store = 0;
  uint64_t from_whatsapp = 0;
  uint64_t failed = 0;
  uint64_t changed = 0;  // changes that the server detected; <= completed
  uint64_t reconnects = 0;
  uint64_t sent_again = 0;  // items sent again after a stream broke
  // The latest progress from the server; unset while there is no stream.
  std::optional<v1::EnrichProgress> server;
  absl::Time server_time;  // when it arrived
  absl::Status trouble;    // why there is no stream at the moment
};

struct BulkOptions {
  v1::LookupOptions lookup;

  size_t batch_items = 500;  // per message; the server accepts up to 1000
  // Limits memory: how many items may be unanswered, and how many the run may
  // hold in total.
  ItemWindowOptions window;

  // If the streams keep breaking and no result arrives for this long, the run
  // fails with the error of the last stream. Zero: the run fails as soon as a
  // stream breaks.
  absl::Duration retry_for = absl::Minutes(2);
  absl::Duration first_backoff = absl::Milliseconds(200);
  absl::Duration longest_backoff = absl::Seconds(5);
  // The server sends a message at least every second while it has work. If no
  // message arrives for this long, the run closes the stream and reconnects.
  absl::Duration silence = absl::Seconds(30);

  // Called on Run's thread about every `progress_interval`, and at the end.
  std::function<void(const BulkProgress&)> on_progress;
  absl::Duration progress_interval = absl::Milliseconds(200);

  // Called once, on Run's thread, when the run needs no more items. A source
  // that waits for input should then return; its return value is ignored.
  std::function<void()> stop_source;
};

// Cancel is thread-safe; the other methods are thread-compatible. The client
// must outlive this object. Each object serves one call of Run.
class BulkEnricher {
 public:
  // Returns the next item, or nullopt after the last item. The run calls it on
  // a separate thread, so it may block; items that it returned before are sent
  // meanwhile. The caller chooses the tags, which need not be unique. An error
  // ends the input: the run still returns the results of all earlier items, and
  // then Run returns the error.
  using Source = std::function<absl::StatusOr<std::optional<v1::EnrichItem>>()>;
  // Receives each result, on Run's thread. A slow sink slows down the server
  // (backpressure). An error ends the run.
  using Sink = std::function<absl::Status(v1::EnrichResult)>;

  BulkEnricher(PortraitClient& client, BulkOptions options);

  // Returns OK when every item has had its result. Otherwise returns:
  //   the error of the source or the sink;
  //   CANCELLED          Cancel() was called;
  //   UNAVAILABLE, …     no server was reachable for retry_for; run again
  //   later; UNAUTHENTICATED, PERMISSION_DENIED, INVALID_ARGUMENT,
  //   FAILED_PRECONDITION, …  the server refused; a retry will not help.
  // If a result says that the server is shutting down, the sink does not
  // receive it; the item is sent again over the next stream.
  absl::Status Run(Source source, Sink sink);

  // Makes Run return soon. Results that the sink has not received are dropped.
  void Cancel();

 private:
  PortraitClient& client_;
  const BulkOptions options_;
  const std::shared_ptr<Wakeup> wakeup_ = std::make_shared<Wakeup>();
  std::atomic<bool> cancelled_ = false;
};

}  // namespace portrait::client

#endif  // PORTRAIT_CLIENT_BULK_ENRICHER_H_
