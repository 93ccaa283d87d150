#include "core/image/cdn_fetcher.h"

#include <curl/curl.h>

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "core/image/cdn_transfer.h"

namespace portrait {
namespace {

constexpr int kPollMilliseconds = 1000;
// The requests at the front of the queue that may overtake one whose host is
// paced.
constexpr size_t kMaxOvertaking = 64;
constexpr size_t kMaxPacedHosts = 256;
constexpr absl::Duration kPaceBurst = absl::Seconds(1);

}  // namespace

// Shared with the slots of results, which may outlive the fetcher.
class CdnFetcher::Loop : public std::enable_shared_from_this<Loop> {
 public:
  explicit Loop(const CdnFetcherOptions& options) : options_(options) {
    static const CURLcode initialized = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (initialized == CURLE_OK) multi_ = curl_multi_init();
    if (multi_ == nullptr) return;
    const long connections = static_cast<long>(options_.connections);
    curl_multi_setopt(multi_, CURLMOPT_MAX_TOTAL_CONNECTIONS, connections);
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, connections);
    curl_multi_setopt(multi_, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
  }
  ~Loop() {
    if (multi_ != nullptr) curl_multi_cleanup(multi_);
  }

  void Add(FetchRequest request);
  void Run();
  void Stop();
  size_t waiting() const {
    absl::MutexLock lock(&mu_);
    return urgent_.size() + others_.size();
  }

 private:
  struct Waiting {
    FetchRequest request;
    CdnUrl url;
  };

  std::shared_ptr<void> TakeSlotLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void GiveSlotBack();
  bool MayStartLocked(const std::string& host, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool TakeLocked(std::deque<Waiting>* from, absl::Time now, Waiting* taken)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void StartWaiting();
  void Start(std::unique_ptr<CdnTransfer> transfer);
  void FinishEnded();
  void End(CdnTransfer* transfer, FetchOutcome outcome);

  const CdnFetcherOptions options_;
  CURLM* multi_ = nullptr;  // used by the thread, but for curl_multi_wakeup
  absl::flat_hash_map<CdnTransfer*, std::unique_ptr<CdnTransfer>> running_;

  mutable absl::Mutex mu_;
  std::deque<Waiting> urgent_ ABSL_GUARDED_BY(mu_);
  std::deque<Waiting> others_ ABSL_GUARDED_BY(mu_);
  // When the next image of a host may be fetched.
  absl::flat_hash_map<std::string, absl::Time> paces_ ABSL_GUARDED_BY(mu_);
  bool is_paced_ ABSL_GUARDED_BY(mu_) = false;  // a request waits for its pace
  size_t in_hand_ ABSL_GUARDED_BY(mu_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
};

void CdnFetcher::Loop::Add(FetchRequest request) {
  const auto url = ParseCdnUrl(request.url, options_.extra_origin);
  FetchOutcome refusal = FetchOutcome::kRefused;
  if (url.has_value()) {
    absl::MutexLock lock(&mu_);
    if (stopping_ || multi_ == nullptr) {
      refusal = FetchOutcome::kStopped;
    } else if (urgent_.size() + others_.size() >= options_.max_waiting) {
      refusal = FetchOutcome::kBusy;
    } else {
      auto& queue = request.urgent ? urgent_ : others_;
      queue.push_back({std::move(request), *url});
      curl_multi_wakeup(multi_);
      return;
    }
  }
  request.done({refusal, "", nullptr});
}

std::shared_ptr<void> CdnFetcher::Loop::TakeSlotLocked() {
  ++in_hand_;
  return std::shared_ptr<void>(
      nullptr, [self = shared_from_this()](void*) { self->GiveSlotBack(); });
}

void CdnFetcher::Loop::GiveSlotBack() {
  absl::MutexLock lock(&mu_);
  if (in_hand_-- == options_.max_in_hand) curl_multi_wakeup(multi_);
}

bool CdnFetcher::Loop::MayStartLocked(const std::string& host, absl::Time now) {
  if (options_.host_per_second <= 0) return true;
  if (paces_.size() >= kMaxPacedHosts && !paces_.contains(host)) {
    paces_.clear();
  }
  absl::Time& next = paces_.try_emplace(host, now - kPaceBurst).first->second;
  if (next > now) {
    is_paced_ = true;
    return false;
  }
  next = std::max(next, now - kPaceBurst) +
         absl::Seconds(1 / options_.host_per_second);
  return true;
}

bool CdnFetcher::Loop::TakeLocked(std::deque<Waiting>* from, absl::Time now,
                                  Waiting* taken) {
  const size_t reach = std::min(from->size(), kMaxOvertaking);
  for (size_t i = 0; i < reach; ++i) {
    if (!MayStartLocked((*from)[i].url.host, now)) continue;
    *taken = std::move((*from)[i]);
    from->erase(from->begin() + static_cast<ptrdiff_t>(i));
    return true;
  }
  return false;
}

void CdnFetcher::Loop::StartWaiting() {
  while (running_.size() < options_.connections) {
    Waiting next;
    auto transfer = std::make_unique<CdnTransfer>();
    {
      absl::MutexLock lock(&mu_);
      is_paced_ = false;
      if (stopping_ || in_hand_ >= options_.max_in_hand) return;
      const absl::Time now = absl::Now();
      if (!TakeLocked(&urgent_, now, &next) &&
          !TakeLocked(&others_, now, &next)) {
        return;
      }
      transfer->slot = TakeSlotLocked();
    }
    transfer->request = std::move(next.request);
    transfer->url = std::move(next.url);
    Start(std::move(transfer));
  }
}

void CdnFetcher::Loop::Start(std::unique_ptr<CdnTransfer> transfer) {
  transfer->easy.reset(curl_easy_init());
  CdnTransfer* const started = transfer.get();
  running_[started] = std::move(transfer);
  if (started->easy != nullptr) {
    SetFetchOptions(options_, started);
    if (curl_multi_add_handle(multi_, started->easy.get()) == CURLM_OK) return;
  }
  End(started, FetchOutcome::kNetwork);
}

void CdnFetcher::Loop::FinishEnded() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    char* data = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &data);
    auto* const transfer = reinterpret_cast<CdnTransfer*>(data);
    End(transfer, OutcomeOf(*transfer, message->data.result));
  }
}

void CdnFetcher::Loop::End(CdnTransfer* transfer, FetchOutcome outcome) {
  const auto entry = running_.find(transfer);
  const std::unique_ptr<CdnTransfer> ended = std::move(entry->second);
  running_.erase(entry);
  if (ended->easy != nullptr) {
    curl_multi_remove_handle(multi_, ended->easy.get());
  }
  FetchResult result;
  result.outcome = outcome;
  if (outcome == FetchOutcome::kFetched) {
    result.image = std::move(ended->image);
    result.slot = std::move(ended->slot);
  }
  ended->request.done(std::move(result));
}

void CdnFetcher::Loop::Run() {
  if (multi_ == nullptr) return;
  while (true) {
    StartWaiting();
    int running = 0;
    curl_multi_perform(multi_, &running);
    FinishEnded();
    int wait = kPollMilliseconds;
    {
      absl::MutexLock lock(&mu_);
      if (stopping_) break;
      if (is_paced_)
        wait = 1 + static_cast<int>(1000 / options_.host_per_second);
      const bool may_start = running_.size() < options_.connections &&
                             in_hand_ < options_.max_in_hand && !is_paced_;
      if (may_start && (!urgent_.empty() || !others_.empty())) wait = 0;
    }
    curl_multi_poll(multi_, nullptr, 0, std::min(wait, kPollMilliseconds),
                    nullptr);
  }
  while (!running_.empty()) {
    End(running_.begin()->first, FetchOutcome::kStopped);
  }
}

void CdnFetcher::Loop::Stop() {
  std::deque<Waiting> dropped;
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
    dropped = std::exchange(urgent_, {});
    for (Waiting& waiting : others_) dropped.push_back(std::move(waiting));
    others_.clear();
    if (multi_ != nullptr) curl_multi_wakeup(multi_);
  }
  for (Waiting& waiting : dropped) {
    waiting.request.done({FetchOutcome::kStopped, "", nullptr});
  }
}

CdnFetcher::CdnFetcher(const CdnFetcherOptions& options)
    : loop_(std::make_shared<Loop>(options)),
      thread_([loop = loop_] { loop->Run(); }) {}

CdnFetcher::~CdnFetcher() {
  loop_->Stop();
  thread_.join();
}

void CdnFetcher::Fetch(FetchRequest request) { loop_->Add(std::move(request)); }

size_t CdnFetcher::waiting() const { return loop_->waiting(); }

std::string CheckExtraOrigin(const std::string& origin) {
  return IsLoopbackOrigin(origin)
             ? ""
             : "expected http://HOST:PORT or https://HOST:PORT with a host of "
               "the loopback: 127.0.0.1, [::1] or localhost";
}

absl::string_view FetchOutcomeName(FetchOutcome outcome) {
  static constexpr absl::string_view kNames[kFetchOutcomes] = {
      "fetched", "dead_url",    "refused_url", "too_large", "no_image",
      "timeout", "http_status", "network",     "busy",      "stopped"};
  return kNames[static_cast<size_t>(outcome)];
}

}  // namespace portrait
