#include "core/image/image_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/sha256.h"
#include "core/base/status_macros.h"
#include "core/image/image_helper.h"
#include "core/image/image_wire.h"

namespace portrait {
namespace {

absl::Status BadAnswer() {
  return absl::InvalidArgumentError(
      "picture: its decoder gave no valid answer");
}

absl::Status CheckThumbnailSide(uint32_t side) {
  if (side > 0 && side <= kLargeThumbnail) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("thumbnail: 1 to ", kLargeThumbnail, " pixels a side"));
}

}  // namespace

ImageReader::ImageReader(ImageReaderOptions options)
    : options_(std::move(options)) {}

ImageReader::~ImageReader() = default;

absl::StatusOr<std::unique_ptr<ImageHelper>> ImageReader::TakeHelper() {
  std::unique_ptr<ImageHelper> helper;
  {
    absl::MutexLock lock(&mu_);
    const auto may_start = [this]() ABSL_SHARED_LOCKS_REQUIRED(mu_) {
      return in_use_ < options_.helpers;
    };
    mu_.Await(absl::Condition(&may_start));
    ++in_use_;
    if (!idle_.empty()) {
      helper = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (helper != nullptr) return helper;
  auto started = ImageHelper::Start(options_.program);
  if (!started.ok()) GiveBack(nullptr);
  return started;
}

void ImageReader::GiveBack(std::unique_ptr<ImageHelper> helper) {
  absl::MutexLock lock(&mu_);
  --in_use_;
  if (helper != nullptr) idle_.push_back(std::move(helper));
}

absl::StatusOr<std::string> ImageReader::Ask(absl::string_view bytes,
                                             uint32_t side) {
  RETURN_IF_ERROR(CheckImageBytes(bytes, options_.limits));
  RETURN_IF_ERROR(DetectImageFormat(bytes).status());
  ASSIGN_OR_RETURN(std::unique_ptr<ImageHelper> helper, TakeHelper());
  absl::StatusOr<std::string> answer =
      helper->Ask(bytes, side, options_.limits, options_.timeout);
  const bool lost = absl::IsAborted(answer.status());
  const bool old = helper->asked() >= options_.pictures_per_helper;
  if (lost || old) helper.reset();
  GiveBack(std::move(helper));
  // The next attempt would end the same way.
  if (lost) return absl::InvalidArgumentError(answer.status().message());
  return answer;
}

absl::StatusOr<ImageFacts> ImageReader::Read(absl::string_view bytes) {
  ASSIGN_OR_RETURN(const std::string answer, Ask(bytes, 0));
  ImageFacts facts;
  ASSIGN_OR_RETURN(facts.format, DetectImageFormat(bytes));
  facts.sha256 = Sha256(bytes);
  facts.bytes = bytes.size();
  if (answer.size() != kImageFactsBytes) return BadAnswer();
  absl::string_view rest = answer;
  facts.width = static_cast<uint32_t>(TakeImageNumber(4, &rest));
  facts.height = static_cast<uint32_t>(TakeImageNumber(4, &rest));
  facts.phash = TakeImageNumber(8, &rest);
  facts.dhash = TakeImageNumber(8, &rest);
  const uint64_t look = TakeImageNumber(1, &rest);
  const uint32_t longer = std::max(facts.width, facts.height);
  if (look > static_cast<uint64_t>(ImageLook::kBlank) || facts.width == 0 ||
      facts.height == 0 || longer > options_.limits.max_side) {
    return BadAnswer();
  }
  facts.look = static_cast<ImageLook>(look);
  return facts;
}

absl::StatusOr<std::string> ImageReader::Thumbnail(absl::string_view bytes,
                                                   uint32_t side) {
  RETURN_IF_ERROR(CheckThumbnailSide(side));
  ASSIGN_OR_RETURN(std::string thumbnail, Ask(bytes, side));
  const absl::StatusOr<ImageFormat> format = DetectImageFormat(thumbnail);
  if (!format.ok() || *format != ImageFormat::kJpeg) return BadAnswer();
  return thumbnail;
}

absl::StatusOr<Pixels> ImageReader::Shrink(absl::string_view bytes,
                                           uint32_t side) {
  RETURN_IF_ERROR(CheckThumbnailSide(side));
  ASSIGN_OR_RETURN(const std::string answer, Ask(bytes, side | kRawPixels));
  if (answer.size() < kImagePixelsHeaderBytes) return BadAnswer();
  absl::string_view rest = answer;
  Pixels pixels;
  pixels.width = static_cast<uint32_t>(TakeImageNumber(4, &rest));
  pixels.height = static_cast<uint32_t>(TakeImageNumber(4, &rest));
  pixels.channels = static_cast<uint32_t>(TakeImageNumber(1, &rest));
  if (pixels.width == 0 || pixels.height == 0 || pixels.width > side ||
      pixels.height > side || (pixels.channels != 1 && pixels.channels != 3) ||
      rest.size() != pixels.row_bytes() * pixels.height) {
    return BadAnswer();
  }
  pixels.bytes.assign(rest.begin(), rest.end());
  return pixels;
}

}  // namespace portrait
