// Adds metrics without labels to a registry.
#ifndef PORTRAIT_SERVER_ADD_METRIC_H_
#define PORTRAIT_SERVER_ADD_METRIC_H_

#include <string>

#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/registry.h"

namespace portrait {

inline prometheus::Counter& AddCounter(prometheus::Registry& registry,
                                       const std::string& name,
                                       const std::string& help) {
  return prometheus::BuildCounter()
      .Name(name)
      .Help(help)
      .Register(registry)
      .Add({});
}

inline prometheus::Gauge& AddGauge(prometheus::Registry& registry,
                                   const std::string& name,
                                   const std::string& help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add(
      {});
}

}  // namespace portrait

#endif  // PORTRAIT_SERVER_ADD_METRIC_H_
