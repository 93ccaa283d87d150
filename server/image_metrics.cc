#include "server/image_metrics.h"

#include <string>

#include "absl/time/clock.h"
#include "server/add_metric.h"

namespace portrait {
ImageMetrics::ImageMetrics(prometheus::Registry& registry)
    : fetched_(AddCounter(registry, "portrait_images_fetched_total",
                          "Images fetched from WhatsApp's CDN")),
      fetched_bytes_(AddCounter(registry, "portrait_images_fetched_bytes_total",
                                "Bytes of the images fetched")),
      failed_(prometheus::BuildCounter()
                  .Name("portrait_images_failed_total")
                  .Help("Images that were wanted and not kept, by reason")
                  .Register(registry)),
      other_hashes_(AddCounter(registry, "portrait_images_other_hash_total",
                               "Images whose hash is not WhatsApp's")),
      served_(AddCounter(registry, "portrait_images_served_total",
                         "Images sent to callers")),
      served_bytes_(AddCounter(registry, "portrait_images_served_bytes_total",
                               "Bytes of the images sent to callers")),
      removed_(AddCounter(registry, "portrait_images_removed_total",
                          "Images removed: hidden, removed, replaced or "
                          "forgotten pictures")),
      kept_(AddGauge(registry, "portrait_images_kept",
                     "Images kept, since the janitor's first round")),
      kept_bytes_(AddGauge(registry, "portrait_images_kept_bytes",
                           "Bytes of the images kept; identical images "
                           "count each time")),
      round_time_(
          AddGauge(registry, "portrait_images_janitor_success_seconds",
                   "When the janitor's last complete round ended, Unix time")),
      storage_works_(AddGauge(
          registry, "portrait_images_storage_works",
          "1 if the folder or bucket took the last operation, 0 if not")) {
  storage_works_.Set(1);
}

void ImageMetrics::OnFetched(size_t bytes) {
  fetched_.Increment();
  fetched_bytes_.Increment(static_cast<double>(bytes));
}

void ImageMetrics::OnFailed(absl::string_view reason) {
  failed_.Add({{"reason", std::string(reason)}}).Increment();
}

void ImageMetrics::OnKept(const StoredImage& image) {
  kept_.Increment();
  kept_bytes_.Increment(static_cast<double>(image.size_bytes()));
}

void ImageMetrics::OnRemoved(const StoredImage& image) {
  removed_.Increment();
  kept_.Decrement();
  kept_bytes_.Decrement(static_cast<double>(image.size_bytes()));
}

void ImageMetrics::OnRound(const ImageRound& round) {
  if (!round.status.ok()) return;
  kept_.Set(static_cast<double>(round.images));
  kept_bytes_.Set(static_cast<double>(round.bytes));
  round_time_.Set(static_cast<double>(absl::ToUnixSeconds(absl::Now())));
}

void ImageMetrics::OnServed(size_t bytes) {
  served_.Increment();
  served_bytes_.Increment(static_cast<double>(bytes));
}

}  // namespace portrait
