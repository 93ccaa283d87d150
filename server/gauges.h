// Gauges are the metrics that are read where they are kept, when somebody
// scrapes: accounts by state, what waits for WhatsApp, the store's size.
#ifndef PORTRAIT_SERVER_GAUGES_H_
#define PORTRAIT_SERVER_GAUGES_H_

#include <vector>

#include "core/lookup/scheduler.h"
#include "core/session/session_pool.h"
#include "core/store/picture_store.h"
#include "prometheus/collectable.h"

namespace portrait {

// Thread-safe. Borrows what it reads.
class Gauges final : public prometheus::Collectable {
 public:
  Gauges(const SessionPool& sessions, const Scheduler& scheduler,
         const PictureStore& store)
      : sessions_(sessions), scheduler_(scheduler), store_(store) {}

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const SessionPool& sessions_;
  const Scheduler& scheduler_;
  const PictureStore& store_;
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_GAUGES_H_
