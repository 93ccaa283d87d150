// Metrics of the queries to WhatsApp.
#ifndef PORTRAIT_SERVER_WHATSAPP_METRICS_H_
#define PORTRAIT_SERVER_WHATSAPP_METRICS_H_

#include <array>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/session/query_observer.h"
#include "prometheus/counter.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace portrait {

// Thread-safe. Its series are in `registry`, which must outlive it.
class WhatsAppMetrics final : public QueryObserver {
 public:
  explicit WhatsAppMetrics(prometheus::Registry& registry);

  void OnQuery(QueryKind kind, size_t contacts, const absl::Status& status,
               absl::Duration took) override;
  void OnProtocolError() override { protocol_errors_.Increment(); }

 private:
  enum Result { kAnswered, kRateLimited, kUnreadable, kUnanswered, kRefused };
  static constexpr size_t kResults = 5;

  static Result ResultOf(const absl::Status& status);

  // The metrics of one kind of query.
  struct OfKind {
    std::array<prometheus::Counter*, kResults> queries;
    prometheus::Counter* contacts;
    prometheus::Histogram* seconds;
  };

  std::array<OfKind, kQueryKinds> kinds_;
  prometheus::Counter& rate_limits_;
  prometheus::Counter& protocol_errors_;
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_WHATSAPP_METRICS_H_
