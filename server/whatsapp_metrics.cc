#include "server/whatsapp_metrics.h"

#include "server/add_metric.h"

namespace portrait {
namespace {

constexpr std::array<const char*, kQueryKinds> kKindNames = {
    "usync", "picture", "group_pictures", "channel"};
constexpr const char* kResultNames[] = {"answered", "rate_limited",
                                        "unreadable", "unanswered", "refused"};

// From one round trip to the longest time of a query.
const prometheus::Histogram::BucketBoundaries kSeconds = {
    0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 75};

}  // namespace

WhatsAppMetrics::WhatsAppMetrics(prometheus::Registry& registry)
    : rate_limits_(AddCounter(registry, "portrait_whatsapp_rate_limits_total",
                              "Queries that WhatsApp refused at least in part "
                              "because of a rate limit")),
      protocol_errors_(
          AddCounter(registry, "portrait_whatsapp_protocol_errors_total",
                     "Answers that could not be parsed, and connections closed "
                     "because of a protocol violation")) {
  auto& queries = prometheus::BuildCounter()
                      .Name("portrait_whatsapp_queries_total")
                      .Help("Queries to WhatsApp, by kind and result")
                      .Register(registry);
  auto& contacts = prometheus::BuildCounter()
                       .Name("portrait_whatsapp_query_contacts_total")
                       .Help("Contacts in queries to WhatsApp, by kind")
                       .Register(registry);
  auto& seconds = prometheus::BuildHistogram()
                      .Name("portrait_whatsapp_query_seconds")
                      .Help("Duration of queries to WhatsApp, by kind")
                      .Register(registry);
  for (size_t kind = 0; kind < kQueryKinds; ++kind) {
    const std::string name = kKindNames[kind];
    for (size_t result = 0; result < kResults; ++result) {
      kinds_[kind].queries[result] =
          &queries.Add({{"kind", name}, {"result", kResultNames[result]}});
    }
    kinds_[kind].contacts = &contacts.Add({{"kind", name}});
    kinds_[kind].seconds = &seconds.Add({{"kind", name}}, kSeconds);
  }
}

WhatsAppMetrics::Result WhatsAppMetrics::ResultOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
    case absl::StatusCode::kNotFound:  // a valid answer to the query
      return kAnswered;
    case absl::StatusCode::kResourceExhausted:
      return kRateLimited;
    case absl::StatusCode::kInvalidArgument:
      return kUnreadable;
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kUnavailable:
      return kUnanswered;
    default:
      return kRefused;
  }
}

void WhatsAppMetrics::OnQuery(QueryKind kind, size_t contacts,
                              const absl::Status& status, absl::Duration took) {
  const OfKind& of_kind = kinds_[static_cast<size_t>(kind)];
  const Result result = ResultOf(status);
  of_kind.queries[result]->Increment();
  of_kind.contacts->Increment(static_cast<double>(contacts));
  of_kind.seconds->Observe(absl::ToDoubleSeconds(took));
  if (result == kRateLimited) rate_limits_.Increment();
  if (result == kUnreadable) protocol_errors_.Increment();
}

}  // namespace portrait
