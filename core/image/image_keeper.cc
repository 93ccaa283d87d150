#include "core/image/image_keeper.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "core/base/fair_threads.h"
#include "core/base/status_macros.h"
#include "core/image/visible_picture.h"

namespace portrait {
namespace {

absl::Status StatusOfFetch(FetchOutcome outcome) {
  const std::string text =
      absl::StrCat("image fetch: ", FetchOutcomeName(outcome));
  switch (outcome) {
    case FetchOutcome::kFetched:
      return absl::OkStatus();
    case FetchOutcome::kTimeout:
      return absl::DeadlineExceededError(text);
    case FetchOutcome::kRefused:
    case FetchOutcome::kTooLarge:
    case FetchOutcome::kNoImage:
      return absl::InvalidArgumentError(text);
    case FetchOutcome::kBusy:
      return absl::ResourceExhaustedError(text);
    case FetchOutcome::kStopped:
      return absl::CancelledError(text);
    case FetchOutcome::kDead:
    case FetchOutcome::kStatus:
    case FetchOutcome::kNetwork:
      return absl::UnavailableError(text);
  }
  return absl::InternalError(text);
}

}  // namespace

// Shared with callbacks that may come after the keeper's end.
class ImageKeeper::Core : public std::enable_shared_from_this<Core> {
 public:
  Core(PictureStore& store, ImageVault& vault, ImageKeeperOptions options)
      : store_(store),
        vault_(vault),
        options_(std::move(options)),
        threads_(options_.threads),
        fetcher_(std::make_unique<CdnFetcher>(options_.fetcher)) {}

  void Keep(WantedImage wanted, OnKept done);
  void Stop();
  size_t wanted() const {
    absl::MutexLock lock(&mu_);
    return wanted_;
  }

 private:
  // One image that is wanted by one or more callers.
  struct Job {
    WantedImage wanted;
    std::vector<OnKept> waiters;  // guarded by mu_
    bool has_asked = false;       // for a new URL
  };
  using JobPtr = std::shared_ptr<Job>;

  static std::string KeyOf(const ImageId& id) {
    return absl::StrCat(id.jid, "/", id.is_preview ? "p" : "f", id.picture_id);
  }

  bool IsStopping() const {
    absl::MutexLock lock(&mu_);
    return stopping_;
  }
  // In the turn of the tenant that wanted the image first.
  void Post(const JobPtr& job, std::function<void()> work);
  void Begin(const JobPtr& job);
  void Fetch(const JobPtr& job);
  void AskUrl(const JobPtr& job);
  void OnUrl(const JobPtr& job, const absl::StatusOr<std::string>& url);
  void OnFetched(const JobPtr& job, FetchResult result);
  absl::StatusOr<KeptImage> Store(const Job& job, std::string bytes);
  absl::Status CheckVisible(const StoredImage& image);
  void Finish(const JobPtr& job, absl::StatusOr<KeptImage> result);
  void Fail(const JobPtr& job, absl::string_view reason, absl::Status status);

  PictureStore& store_;
  ImageVault& vault_;
  const ImageKeeperOptions options_;
  FairThreads threads_;

  mutable absl::Mutex mu_;
  absl::flat_hash_map<std::string, JobPtr> jobs_ ABSL_GUARDED_BY(mu_);
  size_t wanted_ ABSL_GUARDED_BY(mu_) = 0;  // waiters of all jobs
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;

  std::unique_ptr<CdnFetcher> fetcher_;  // null after Stop, see Fetch
};

void ImageKeeper::Core::Keep(WantedImage wanted, OnKept done) {
  absl::Status refusal;
  JobPtr job;
  {
    absl::MutexLock lock(&mu_);
    if (stopping_) {
      refusal = absl::CancelledError("image: shutting down");
    } else if (wanted_ >= options_.max_wanted) {
      refusal = absl::ResourceExhaustedError(absl::StrCat(
          "image: ", options_.max_wanted, " images are wanted already"));
    } else {
      ++wanted_;
      JobPtr& entry = jobs_[KeyOf(wanted.id)];
      if (entry != nullptr) {
        entry->waiters.push_back(std::move(done));
        return;
      }
      entry = std::make_shared<Job>();
      entry->wanted = std::move(wanted);
      entry->waiters.push_back(std::move(done));
      job = entry;
    }
  }
  if (!refusal.ok()) {
    if (options_.observer != nullptr) options_.observer->OnFailed("busy");
    done(std::move(refusal));
    return;
  }
  Post(job, [self = shared_from_this(), job] { self->Begin(job); });
}

// Work that comes while all ends runs here; it ends the job without waiting.
void ImageKeeper::Core::Post(const JobPtr& job, std::function<void()> work) {
  {
    absl::MutexLock lock(&mu_);
    if (!stopping_) {
      threads_.Post(job->wanted.tenant, std::move(work));
      return;
    }
  }
  work();
}

void ImageKeeper::Core::Begin(const JobPtr& job) {
  const auto stored = vault_.index().Find(job->wanted.id);
  if (!stored.ok()) return Fail(job, "store", stored.status());
  if (stored->has_value()) return Finish(job, KeptImage{**stored, nullptr});
  if (job->wanted.url.empty()) return AskUrl(job);
  Fetch(job);
}

void ImageKeeper::Core::Fetch(const JobPtr& job) {
  FetchRequest request;
  request.url = job->wanted.url;
  request.urgent = job->wanted.urgent;
  if (options_.proxy_of) request.proxy = options_.proxy_of(job->wanted);
  request.done = [self = shared_from_this(), job](FetchResult result) {
    // The fetcher's thread must not block.
    self->Post(
        job,
        [self, job, shared = std::make_shared<FetchResult>(std::move(result))] {
          self->OnFetched(job, std::move(*shared));
        });
  };
  // The fetcher lives until the threads have ended.
  if (IsStopping()) return request.done({});
  fetcher_->Fetch(std::move(request));
}

void ImageKeeper::Core::AskUrl(const JobPtr& job) {
  job->has_asked = true;
  if (!options_.ask_url) {
    return Fail(job, "dead_url", StatusOfFetch(FetchOutcome::kDead));
  }
  options_.ask_url(
      job->wanted.id, job->wanted.tenant,
      [self = shared_from_this(), job](absl::StatusOr<std::string> url) {
        self->Post(
            job, [self, job, url = std::move(url)] { self->OnUrl(job, url); });
      });
}

void ImageKeeper::Core::OnUrl(const JobPtr& job,
                              const absl::StatusOr<std::string>& url) {
  if (IsStopping()) return;  // Stop ends the job
  if (!url.ok()) return Fail(job, "no_new_url", url.status());
  job->wanted.url = *url;
  Fetch(job);
}

void ImageKeeper::Core::OnFetched(const JobPtr& job, FetchResult result) {
  if (result.outcome == FetchOutcome::kDead && !job->has_asked) {
    return AskUrl(job);
  }
  if (result.outcome != FetchOutcome::kFetched) {
    return Fail(job, FetchOutcomeName(result.outcome),
                StatusOfFetch(result.outcome));
  }
  if (options_.observer != nullptr) {
    options_.observer->OnFetched(result.image.size());
  }
  absl::StatusOr<KeptImage> kept = Store(*job, std::move(result.image));
  if (!kept.ok()) {
    const bool is_gone = absl::IsNotFound(kept.status());
    return Fail(job, is_gone ? "no_longer_visible" : "not_decoded",
                kept.status());
  }
  if (!kept->is_kept && options_.observer != nullptr) {
    options_.observer->OnFailed("storage");
  }
  Finish(job, std::move(kept));
}

absl::StatusOr<KeptImage> ImageKeeper::Core::Store(const Job& job,
                                                   std::string bytes) {
  KeptImage kept;
  StoredImage& image = kept.image;
  image.set_jid(job.wanted.id.jid);
  image.set_picture_id(job.wanted.id.picture_id);
  image.set_is_preview(job.wanted.id.is_preview);
  image.set_size_bytes(static_cast<int64_t>(bytes.size()));
  image.set_fetch_micros(absl::ToUnixMicros(options_.clock()));
  RETURN_IF_ERROR(options_.read_facts(bytes, &image));
  const bool tells_other = !job.wanted.id.is_preview &&
                           !job.wanted.hash.empty() &&
                           job.wanted.hash != image.sha256();
  if (tells_other && options_.observer != nullptr) {
    options_.observer->OnOtherHash();
  }
  // A caller that waits gets the image even if it cannot be stored.
  kept.is_kept = vault_.Put(bytes, &image).ok();
  kept.bytes = std::make_shared<const std::string>(std::move(bytes));
  RETURN_IF_ERROR(CheckVisible(image));
  return kept;
}

// What happened to the contact before the reference was stored is seen here;
// what happens later finds the reference.
absl::Status ImageKeeper::Core::CheckVisible(const StoredImage& image) {
  ASSIGN_OR_RETURN(const std::vector<VisiblePicture> pictures,
                   VisiblePicturesOf(store_, {image.jid()}));
  if (pictures.front().Shows(image)) return absl::OkStatus();
  RETURN_IF_ERROR(vault_.Remove(image));
  return absl::NotFoundError("image: the contact shows this picture no longer");
}

void ImageKeeper::Core::Fail(const JobPtr& job, absl::string_view reason,
                             absl::Status status) {
  if (options_.observer != nullptr) options_.observer->OnFailed(reason);
  Finish(job, std::move(status));
}

void ImageKeeper::Core::Finish(const JobPtr& job,
                               absl::StatusOr<KeptImage> result) {
  std::vector<OnKept> waiters;
  {
    absl::MutexLock lock(&mu_);
    waiters = std::move(job->waiters);
    wanted_ -= waiters.size();
    const auto entry = jobs_.find(KeyOf(job->wanted.id));
    if (entry != jobs_.end() && entry->second == job) jobs_.erase(entry);
  }
  for (const OnKept& waiter : waiters) waiter(result);
}

void ImageKeeper::Core::Stop() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
  }
  // 1. The threads finish what was posted.
  threads_.Join();
  // 2. Transfers end, and with them their jobs.
  fetcher_ = nullptr;
  // 3. What waits for WhatsApp ends without it.
  std::vector<JobPtr> left;
  {
    absl::MutexLock lock(&mu_);
    for (const auto& [key, job] : jobs_) left.push_back(job);
  }
  for (const JobPtr& job : left) {
    Finish(job, absl::CancelledError("image: shutting down"));
  }
}

ImageKeeper::ImageKeeper(PictureStore& store, ImageVault& vault,
                         ImageKeeperOptions options)
    : core_(std::make_shared<Core>(store, vault, std::move(options))) {}

ImageKeeper::~ImageKeeper() { core_->Stop(); }

void ImageKeeper::Keep(WantedImage wanted, OnKept done) {
  core_->Keep(std::move(wanted), std::move(done));
}

size_t ImageKeeper::wanted() const { return core_->wanted(); }

}  // namespace portrait
