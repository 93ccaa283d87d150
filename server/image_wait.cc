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

// One result that waits for its image.
struct WaitingResult {
  ResultFacts facts;
  std::string picture;
  std::weak_ptr<ResultSink> call;

  // Sends the result with what is told of its image, which is merged.
  void Send(const v1::ProfilePicture& more) const {
    const std::shared_ptr<ResultSink> sink = call.lock();
    if (sink == nullptr) return;
    LookupResults one;
    // Concatenated messages are merged.
    one.AddEncoded(facts, picture + more.SerializeAsString());
    sink->OnResults(std::move(one));
  }
};

void SendOne(const ImageFetching& fetching, WantedImage wanted,
             WaitingResult result) {
  const auto shared = std::make_shared<const WaitingResult>(std::move(result));
  const auto wait =
      std::make_shared<ImageWaits::Wait>([shared] { shared->Send({}); });
  fetching.waits.Add(wait);
  const auto send = [shared, wait](const v1::ProfilePicture& more) {
    if (wait->End()) shared->Send(more);
  };
  fetching.keeper.Keep(
      std::move(wanted), [shared, send, describe = fetching.describe](
                             const absl::StatusOr<KeptImage>& kept) {
        if (!kept.ok() || !kept->is_kept) return send({});
        v1::ProfilePicture more;
        *more.mutable_image() = ToProto(kept->image);
        if (describe == nullptr) return send(more);
        if (shared->call.expired()) return;
        describe(kept->image, [send, more](v1::ProfilePicture described) {
          described.MergeFrom(more);
          send(described);
        });
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
      SendOne(fetching, *std::move(wanted),
              {facts, std::string(results.EncodedPicture(i)), call});
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
