#include "server/image_wait.h"

#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "core/image/image_keeper.h"
#include "server/images.h"

namespace portrait {
namespace {

constexpr absl::Duration kWaitTick = absl::Milliseconds(500);

// The image of a result; nothing if it has no picture with a URL.
std::optional<WantedImage> WantedOf(const ImageFetching& fetching,
                                    const LookupResults& results, size_t i) {
  const ResultFacts& facts = results.facts()[i];
  if (facts.failed() || facts.state != v1::PICTURE_STATE_AVAILABLE) {
    return std::nullopt;
  }
  v1::ProfilePicture picture;
  const absl::string_view bytes = results.EncodedPicture(i);
  if (!picture.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return std::nullopt;
  }
  const std::string& url =
      fetching.is_preview ? picture.preview_url() : picture.url();
  if (url.empty() || picture.id().empty()) return std::nullopt;
  WantedImage wanted;
  wanted.id = {picture.jid(), picture.id(), fetching.is_preview};
  wanted.url = url;
  wanted.hash = picture.hash();
  wanted.session = picture.session();
  wanted.tenant = fetching.tenant;
  wanted.urgent = fetching.urgent;
  return wanted;
}

// One result, without or with what is told of its image.
LookupResults OneResult(const ImageFetching& fetching, const ResultFacts& facts,
                        const std::string& picture, const StoredImage* image) {
  LookupResults one;
  if (image == nullptr) {
    one.AddEncoded(facts, picture);
    return one;
  }
  // Concatenated messages are merged.
  v1::ProfilePicture more;
  *more.mutable_image() = ToProto(*image);
  if (fetching.describe) fetching.describe(*image, &more);
  one.AddEncoded(facts, picture + more.SerializeAsString());
  return one;
}

void SendOne(const ImageFetching& fetching, WantedImage wanted,
             const ResultFacts& facts, std::string picture,
             const std::weak_ptr<ResultSink>& call) {
  const auto send = [fetching, facts, picture = std::move(picture),
                     call](const StoredImage* image) {
    const std::shared_ptr<ResultSink> sink = call.lock();
    if (sink == nullptr) return;
    sink->OnResults(OneResult(fetching, facts, picture, image));
  };
  const auto wait =
      std::make_shared<ImageWaits::Wait>([send] { send(nullptr); });
  fetching.waits.Add(wait);
  fetching.keeper.Keep(std::move(wanted),
                       [wait, send](const absl::StatusOr<KeptImage>& kept) {
                         if (!wait->End()) return;
                         const bool is_kept = kept.ok() && kept->is_kept;
                         send(is_kept ? &kept->image : nullptr);
                       });
}

}  // namespace

ImageWaits::ImageWaits() : thread_([this] { Run(); }) {}

ImageWaits::~ImageWaits() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
  }
  thread_.join();
}

void ImageWaits::Add(std::shared_ptr<Wait> wait) {
  absl::MutexLock lock(&mu_);
  while (!entries_.empty() && entries_.front().wait->is_over()) {
    entries_.pop_front();
  }
  entries_.push_back({absl::Now() + kMaxImageWait, std::move(wait)});
}

void ImageWaits::Run() {
  while (true) {
    std::shared_ptr<Wait> late;
    {
      absl::MutexLock lock(&mu_);
      if (!entries_.empty() && (entries_.front().until <= absl::Now() ||
                                entries_.front().wait->is_over())) {
        late = std::move(entries_.front().wait);
        entries_.pop_front();
      } else if (mu_.AwaitWithTimeout(absl::Condition(&stopping_), kWaitTick)) {
        return;
      }
    }
    if (late != nullptr) late->GiveUp();
  }
}

void KeepImagesOf(const ImageFetching& fetching, const LookupResults& results) {
  for (size_t i = 0; i < results.size(); ++i) {
    std::optional<WantedImage> wanted = WantedOf(fetching, results, i);
    if (!wanted.has_value()) continue;
    fetching.keeper.Keep(*std::move(wanted),
                         [](const absl::StatusOr<KeptImage>&) {});
  }
}

void SendWithImages(const ImageFetching& fetching, LookupResults results,
                    std::weak_ptr<ResultSink> call) {
  LookupResults now;
  for (size_t i = 0; i < results.size(); ++i) {
    const ResultFacts& facts = results.facts()[i];
    std::optional<WantedImage> wanted = WantedOf(fetching, results, i);
    if (wanted.has_value()) {
      SendOne(fetching, *std::move(wanted), facts,
              std::string(results.EncodedPicture(i)), call);
    } else if (facts.failed()) {
      now.AddError(facts.tag, results.Decode(i).error(), facts.changed);
    } else {
      now.AddEncoded(facts, results.EncodedPicture(i));
    }
  }
  if (now.empty()) return;
  const std::shared_ptr<ResultSink> sink = call.lock();
  if (sink != nullptr) sink->OnResults(std::move(now));
}

}  // namespace portrait
