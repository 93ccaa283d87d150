#include "core/lookup/change_feed.h"

#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/synchronization/mutex.h"

namespace portrait {
namespace {

// A token before base64url encoding:
//
//   version (1 byte, 1) | sequence (8 bytes, big endian) | check (2 bytes)
constexpr char kTokenVersion = 1;
constexpr size_t kSequenceBytes = 8;
constexpr size_t kCheckBytes = 2;
constexpr size_t kTokenBytes = 1 + kSequenceBytes + kCheckBytes;

void AppendBigEndian(uint64_t value, size_t bytes, std::string* out) {
  for (size_t i = bytes; i-- > 0;) {
    out->push_back(static_cast<char>(value >> (8 * i)));
  }
}

// A checksum, not a secret: it rejects mistyped tokens and other base64 text.
uint64_t CheckOf(absl::string_view text) {
  uint32_t hash = 2166136261;  // FNV-1a
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 16777619;
  }
  return (hash ^ (hash >> 16)) & 0xFFFF;
}

}  // namespace

std::string MakeResumeToken(uint64_t sequence) {
  std::string token(1, kTokenVersion);
  AppendBigEndian(sequence, kSequenceBytes, &token);
  AppendBigEndian(CheckOf(token), kCheckBytes, &token);
  return absl::WebSafeBase64Escape(token);
}

absl::StatusOr<uint64_t> ParseResumeToken(absl::string_view token) {
  if (token == kBeginningToken) return 0;
  std::string bytes;
  if (absl::WebSafeBase64Unescape(token, &bytes) &&
      bytes.size() == kTokenBytes && bytes[0] == kTokenVersion) {
    uint64_t sequence = 0;
    for (size_t i = 1; i <= kSequenceBytes; ++i) {
      sequence = sequence << 8 | static_cast<unsigned char>(bytes[i]);
    }
    if (MakeResumeToken(sequence) == token) return sequence;
  }
  return absl::InvalidArgumentError(
      "resume_token is neither a token that this service issued nor "
      "\"beginning\"");
}

// A watcher that waits for changes. Thread-safe.
class ChangeFeed::Subscriber {
 public:
  explicit Subscriber(std::function<void()> wake) : wake_(std::move(wake)) {}

  void Wake() {
    {
      absl::MutexLock lock(&mu_);
      if (gone_) return;
      ++calls_;
    }
    wake_();
    absl::MutexLock lock(&mu_);
    --calls_;
  }

  // After this returns, no call is under way and none begins.
  void Leave() {
    absl::MutexLock lock(&mu_);
    gone_ = true;
    mu_.Await(absl::Condition(
        +[](int* calls) { return *calls == 0; }, &calls_));
  }

 private:
  const std::function<void()> wake_;
  absl::Mutex mu_;
  int calls_ ABSL_GUARDED_BY(mu_) = 0;
  bool gone_ ABSL_GUARDED_BY(mu_) = false;
};

// All waiting watchers. Thread-safe; shared with the store's listener, which
// may outlive the feed.
class ChangeFeed::Subscribers {
 public:
  void Add(std::shared_ptr<Subscriber> subscriber) {
    absl::MutexLock lock(&mu_);
    all_.insert(std::move(subscriber));
  }
  void Remove(const std::shared_ptr<Subscriber>& subscriber) {
    {
      absl::MutexLock lock(&mu_);
      all_.erase(subscriber);
    }
    subscriber->Leave();
  }
  void WakeAll() {
    std::vector<std::shared_ptr<Subscriber>> all;
    {
      absl::MutexLock lock(&mu_);
      all.assign(all_.begin(), all_.end());
    }
    for (const std::shared_ptr<Subscriber>& each : all) each->Wake();
  }

 private:
  absl::Mutex mu_;
  absl::flat_hash_set<std::shared_ptr<Subscriber>> all_ ABSL_GUARDED_BY(mu_);
};

ChangeFeed::ChangeFeed(PictureStore& store)
    : store_(store), subscribers_(std::make_shared<Subscribers>()) {
  store_.SetChangeListener(
      [subscribers = subscribers_] { subscribers->WakeAll(); });
}

std::shared_ptr<void> ChangeFeed::Subscribe(std::function<void()> wake) {
  auto subscriber = std::make_shared<Subscriber>(std::move(wake));
  subscribers_->Add(subscriber);
  return std::shared_ptr<void>(nullptr,
                               [subscribers = subscribers_, subscriber](void*) {
                                 subscribers->Remove(subscriber);
                               });
}

}  // namespace portrait
