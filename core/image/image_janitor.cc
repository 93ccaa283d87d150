#include "core/image/image_janitor.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/time/clock.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"
#include "core/image/visible_picture.h"
#include "core/store/keys.h"

namespace portrait {
namespace {

constexpr absl::string_view kCursorValue = "cursor";
constexpr size_t kChangesAtOnce = 500;
constexpr size_t kImagesAtOnce = 1000;
constexpr size_t kDeletedAtOnce = 1000;
// The pause after an error of the store or of the blobs.
constexpr absl::Duration kJanitorPause = absl::Seconds(30);

}  // namespace

ImageJanitor::ImageJanitor(PictureStore& store, ImageVault& vault,
                           ImageJanitorOptions options)
    : store_(store),
      vault_(vault),
      options_(std::move(options)),
      first_sequence_(store.last_sequence()),
      thread_([this] { Run(); }) {}

ImageJanitor::~ImageJanitor() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
  }
  thread_.join();
}

void ImageJanitor::Wake() {
  absl::MutexLock lock(&mu_);
  woken_ = true;
}

bool ImageJanitor::IsStopping() const {
  absl::MutexLock lock(&mu_);
  return stopping_;
}

void ImageJanitor::Run() {
  const auto is_needed = [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    return woken_ || stopping_;
  };
  absl::Time next_round = absl::Now() + options_.first_round;
  absl::Time next_list = absl::InfinitePast();
  while (true) {
    {
      absl::MutexLock lock(&mu_);
      mu_.AwaitWithTimeout(absl::Condition(&is_needed),
                           next_round - absl::Now());
      if (stopping_) return;
      woken_ = false;
    }
    absl::MutexLock work(&work_mu_);
    const absl::Status followed = FollowChanges();
    if (!followed.ok()) {
      LogWarning("images: following changes: {}", followed.ToString());
      next_round = std::min(next_round, absl::Now() + kJanitorPause);
    }
    if (absl::Now() < next_round) continue;
    const bool lists_blobs = absl::Now() >= next_list;
    const ImageRound round = RunRound(lists_blobs);
    const bool is_done = round.status.ok();
    if (is_done && lists_blobs) {
      next_list = absl::Now() + options_.list_interval;
    }
    next_round =
        absl::Now() + (is_done ? options_.round_interval : kJanitorPause);
  }
}

ImageRound ImageJanitor::Tidy() {
  absl::MutexLock work(&work_mu_);
  return RunRound(/*lists_blobs=*/true);
}

absl::Status ImageJanitor::FollowChanges() {
  ASSIGN_OR_RETURN(const std::string cursor,
                   vault_.index().GetValue(kCursorValue));
  uint64_t after = DecodeNumber(cursor).value_or(first_sequence_);
  ImageRound round;
  while (!IsStopping()) {
    auto changes = store_.ReadChanges(after, kChangesAtOnce);
    if (absl::IsOutOfRange(changes.status())) {
      // The changes in between are not kept any more.
      RETURN_IF_ERROR(CompareAll(&round));
      after = store_.last_sequence();
      changes = std::vector<Change>();
    }
    RETURN_IF_ERROR(changes.status());
    if (!changes->empty()) {
      RETURN_IF_ERROR(TidyContacts(*changes, &round));
      after = changes->back().sequence;
    }
    if (EncodeNumber(after) != cursor) {
      RETURN_IF_ERROR(
          vault_.index().SetValue(kCursorValue, EncodeNumber(after)));
    }
    if (changes->size() < kChangesAtOnce) break;
  }
  return absl::OkStatus();
}

absl::Status ImageJanitor::TidyContacts(const std::vector<Change>& changes,
                                        ImageRound* round) {
  absl::flat_hash_set<std::string> jids;
  for (const Change& change : changes) {
    if (!jids.insert(change.jid).second) continue;
    ASSIGN_OR_RETURN(const std::vector<StoredImage> images,
                     vault_.index().ImagesOf(change.jid));
    RETURN_IF_ERROR(Judge(images, round));
  }
  return absl::OkStatus();
}

absl::Status ImageJanitor::Judge(const std::vector<StoredImage>& images,
                                 ImageRound* round) {
  std::vector<std::string> jids;
  for (const StoredImage& image : images) jids.push_back(image.jid());
  ASSIGN_OR_RETURN(const std::vector<VisiblePicture> visible,
                   VisiblePicturesOf(store_, jids));
  const int64_t now = absl::ToUnixMicros(options_.clock());
  for (size_t i = 0; i < images.size(); ++i) {
    StoredImage image = images[i];
    const bool is_current = visible[i].Shows(image);
    const bool was_current = image.replace_micros() == 0;
    if (is_current != was_current) {
      image.set_replace_micros(is_current ? 0 : now);
    }
    const bool is_past =
        !is_current && absl::Microseconds(now - image.replace_micros()) >=
                           options_.keep_replaced;
    if (!visible[i].any() || is_past) {
      RETURN_IF_ERROR(vault_.Remove(image));
      ++round->removed;
      continue;
    }
    if (is_current != was_current) {
      RETURN_IF_ERROR(vault_.Update(image));
    }
    ++round->images;
    round->bytes += static_cast<uint64_t>(image.size_bytes());
  }
  return absl::OkStatus();
}

ImageRound ImageJanitor::RunRound(bool lists_blobs) {
  ImageRound round;
  round.status = CompareAll(&round);
  if (round.status.ok()) round.status = DeleteBlobs(lists_blobs, &round);
  if (!round.status.ok()) {
    LogWarning("images: round: {}", round.status.ToString());
  }
  if (options_.on_round) options_.on_round(round);
  return round;
}

absl::Status ImageJanitor::CompareAll(ImageRound* round) {
  std::string last;
  while (!IsStopping()) {
    ASSIGN_OR_RETURN(const std::vector<StoredImage> images,
                     vault_.index().List(last, kImagesAtOnce, &last));
    if (images.empty()) return absl::OkStatus();
    RETURN_IF_ERROR(Judge(images, round));
  }
  return absl::CancelledError("shutting down");
}

absl::Status ImageJanitor::DeleteBlobs(bool lists_blobs, ImageRound* round) {
  for (size_t marked = kDeletedAtOnce;
       marked == kDeletedAtOnce && !IsStopping();) {
    ASSIGN_OR_RETURN(marked, vault_.DeleteMarked(kDeletedAtOnce));
    round->blobs_deleted += marked;
  }
  std::string after;
  size_t deleted = 0;
  for (bool goes_on = lists_blobs; goes_on && !IsStopping();) {
    ASSIGN_OR_RETURN(goes_on, vault_.DeleteUnreferenced(&after, &deleted));
  }
  round->blobs_deleted += deleted;
  return absl::OkStatus();
}

}  // namespace portrait
