// The metrics of images.
#ifndef PORTRAIT_SERVER_IMAGE_METRICS_H_
#define PORTRAIT_SERVER_IMAGE_METRICS_H_

#include "core/image/image_janitor.h"
#include "core/image/image_keeper.h"
#include "core/image/image_vault.h"
#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/registry.h"

namespace portrait {

// Thread-safe. The registry must outlive it.
class ImageMetrics final : public ImageObserver, public ImageListener {
 public:
  explicit ImageMetrics(prometheus::Registry& registry);

  void OnFetched(size_t bytes) override;
  void OnFailed(absl::string_view reason) override;
  void OnOtherHash() override { other_hashes_.Increment(); }
  void OnKept(const StoredImage& image) override;
  void OnRemoved(const StoredImage& image) override;
  void OnStorage(bool works) override { storage_works_.Set(works ? 1 : 0); }
  void OnRound(const ImageRound& round);
  void OnServed(size_t bytes);

 private:
  prometheus::Counter& fetched_;
  prometheus::Counter& fetched_bytes_;
  prometheus::Family<prometheus::Counter>& failed_;
  prometheus::Counter& other_hashes_;
  prometheus::Counter& served_;
  prometheus::Counter& served_bytes_;
  prometheus::Counter& removed_;
  prometheus::Gauge& kept_;
  prometheus::Gauge& kept_bytes_;
  prometheus::Gauge& round_time_;
  prometheus::Gauge& storage_works_;
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_IMAGE_METRICS_H_
