// Gauges are the metrics that are read from their owners at each scrape:
// accounts by state, waiting contacts, the store's size, the cluster's log.
#ifndef PORTRAIT_SERVER_GAUGES_H_
#define PORTRAIT_SERVER_GAUGES_H_

#include <vector>

#include "core/cluster/cluster_log.h"
#include "core/lookup/scheduler.h"
#include "core/session/session_pool.h"
#include "core/store/picture_store.h"
#include "prometheus/collectable.h"

namespace portrait {

// Thread-safe. Borrows the objects that it reads. `log`: null without a
// cluster.
class Gauges final : public prometheus::Collectable {
 public:
  Gauges(const SessionPool& sessions, const Scheduler& scheduler,
         const PictureStore& store, const cluster::ClusterLog* log = nullptr)
      : sessions_(sessions), scheduler_(scheduler), store_(store), log_(log) {}

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const SessionPool& sessions_;
  const Scheduler& scheduler_;
  const PictureStore& store_;
  const cluster::ClusterLog* const log_;
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_GAUGES_H_
