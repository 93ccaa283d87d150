// LookupEngine answers batches of contacts: from the store what is fresh, from
// WhatsApp the rest. What a caller hears is what was stored.
#ifndef PORTRAIT_CORE_LOOKUP_LOOKUP_ENGINE_H_
#define PORTRAIT_CORE_LOOKUP_LOOKUP_ENGINE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "core/base/clock.h"
#include "core/lookup/freshness.h"
#include "core/lookup/scheduler.h"
#include "core/session/work_source.h"
#include "core/store/picture_store.h"
#include "portrait/v1/profile_picture.pb.h"

namespace portrait {

struct LookupItem {
  uint64_t tag = 0;
  std::string contact;  // as the caller wrote it
  std::string existing_id;
};

// What is the same for all items of a call. Validated by the service.
struct LookupRequest {
  v1::PictureSize size = v1::PICTURE_SIZE_FULL;
  std::optional<absl::Duration> max_age;  // nothing: the defaults, by outcome
  std::string session;                    // empty: any
  std::string tenant;
  bool urgent = false;  // one caller waits: before bulk, and not for ever
  absl::Time deadline = absl::InfiniteFuture();  // of an urgent one
};

struct LookupResult {
  v1::EnrichResult result;
  bool changed = false;  // this lookup found a change
};

// Where a call's results go. OnResults is called from several threads at once,
// quickly and without blocking; once per item in all. When the last shared_ptr
// outside the engine goes, what only this sink waited for is dropped.
class ResultSink {
 public:
  virtual ~ResultSink() = default;
  virtual void OnResults(std::vector<LookupResult> results) = 0;
};

struct LookupEngineOptions {
  FreshnessOptions freshness;
  size_t store_threads = 2;
  // An urgent lookup waits at most this long, whatever its deadline.
  absl::Duration max_urgent_wait = absl::Seconds(30);
  Clock clock = SystemClock();
};

// Thread-safe. Borrows everything it is made with.
class LookupEngine {
 public:
  static std::unique_ptr<LookupEngine> Make(PictureStore& store,
                                            Scheduler& scheduler,
                                            SessionDirectory& sessions,
                                            LookupEngineOptions options);
  virtual ~LookupEngine() = default;

  // Every item gets exactly one result, an error too, unless the sink goes
  // first. Returns at once; the store is read on the engine's own threads. The
  // caller bounds what it has outstanding.
  virtual void Lookup(std::shared_ptr<const LookupRequest> request,
                      std::vector<LookupItem> items,
                      std::weak_ptr<ResultSink> sink) = 0;

  // Runs `work` on the engine's store threads: for what else must read the
  // store and may not block its caller.
  virtual void RunOnStoreThread(std::function<void()> work) = 0;

  // No new work from now on: what comes is answered SHUTTING_DOWN. Waits until
  // what is in flight is answered or `timeout` has passed; the rest is then
  // answered SHUTTING_DOWN.
  virtual void Drain(absl::Duration timeout) = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_LOOKUP_LOOKUP_ENGINE_H_
