// Gauges are the metrics that are read from their owners at each scrape:
// accounts by state, waiting contacts, the store's size, the cluster's log, the
// connections that are relayed.
#ifndef PORTRAIT_SERVER_GAUGES_H_
#define PORTRAIT_SERVER_GAUGES_H_

#include <functional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "core/cluster/cluster_log.h"
#include "core/lookup/scheduler.h"
#include "core/session/session_pool.h"
#include "core/store/picture_store.h"
#include "prometheus/collectable.h"
#include "server/relay/relay_stats.h"

namespace portrait {

// Thread-safe. Borrows the objects that it reads.
class Gauges final : public prometheus::Collectable {
 public:
  // `log`: null without a cluster.
  explicit Gauges(const PictureStore& store, cluster::ClusterLog* log = nullptr)
      : store_(store), log_(log) {}

  // Shows these from now on, also null ones, of a node that stands by. Waits
  // until the former ones are not read any more.
  void ShowLookups(const SessionPool* sessions, const Scheduler* scheduler);
  // `stats` returns the relay's counts; null if the server has no relay.
  void ShowRelay(std::function<relay::RelayStats()> stats);

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const PictureStore& store_;
  cluster::ClusterLog* const log_;

  mutable absl::Mutex mu_;
  const SessionPool* sessions_ ABSL_GUARDED_BY(mu_) = nullptr;
  const Scheduler* scheduler_ ABSL_GUARDED_BY(mu_) = nullptr;
  std::function<relay::RelayStats()> relay_ ABSL_GUARDED_BY(mu_);
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_GAUGES_H_
