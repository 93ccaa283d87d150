// CdnFetcher downloads pictures from WhatsApp's CDN.
//
// A URL comes from WhatsApp's server, so it is not trusted: only https URLs of
// the hosts of WhatsApp's pictures are fetched, from public addresses, without
// redirects. The answer is not trusted either: it may neither be large, nor
// slow, nor anything else than an image.
#ifndef PORTRAIT_CORE_IMAGE_CDN_FETCHER_H_
#define PORTRAIT_CORE_IMAGE_CDN_FETCHER_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/base/secret.h"

namespace portrait {

inline constexpr size_t kMaxImageBytes = 5 << 20;

struct CdnFetcherOptions {
  // A further origin, such as "http://127.0.0.1:8080", for a simulated network;
  // its host must be on the loopback. Empty: none.
  std::string extra_origin;
  std::string ca_file;      // PEM; empty: the system's authorities
  size_t connections = 16;  // also the number of concurrent transfers
  // Images that are fetched, or were and are still in use by the requester.
  size_t max_in_hand = 64;
  size_t max_waiting = 20'000;   // requests beyond it fail with kBusy
  double host_per_second = 100;  // images of one host; 0: no limit
  absl::Duration connect_timeout = absl::Seconds(10);
  absl::Duration timeout = absl::Seconds(30);  // of a whole transfer
  // A transfer that stays below this rate for slow_time is ended.
  size_t min_bytes_per_second = 1024;
  absl::Duration slow_time = absl::Seconds(10);
};

// Errors: the reason why an extra_origin is refused; empty if it is valid.
std::string CheckExtraOrigin(const std::string& origin);

enum class FetchOutcome {
  kFetched,
  kDead,      // 403, 404 or 410: the URL has expired or the picture is gone
  kRefused,   // the URL is not one of WhatsApp's pictures
  kTooLarge,  // over kMaxImageBytes
  kNoImage,   // the answer is something else than JPEG, PNG or WebP
  kTimeout,
  kStatus,   // another HTTP status, a redirect among them
  kNetwork,  // no connection, TLS failed, the answer ended early
  kBusy,     // too many requests wait
  kStopped,  // the fetcher is destroyed
};
inline constexpr size_t kFetchOutcomes = 10;
// "fetched", "dead_url", …: for logs and metrics.
absl::string_view FetchOutcomeName(FetchOutcome outcome);

struct FetchResult {
  FetchOutcome outcome = FetchOutcome::kStopped;
  std::string image;  // of kFetched
  // While the requester keeps it, the image counts as in hand.
  std::shared_ptr<void> slot;
};

struct FetchRequest {
  std::string url;
  // http://[USER:PASSWORD@]HOST:PORT or socks5://…; empty: no proxy.
  Secret proxy;
  bool urgent = false;  // goes before requests that are not
  // Called once, on the fetcher's thread, or on the caller's for kBusy and
  // kRefused; must not block.
  std::function<void(FetchResult)> done;
};

// Thread-safe. Owns a thread. The destructor ends all requests.
class CdnFetcher {
 public:
  explicit CdnFetcher(const CdnFetcherOptions& options);
  ~CdnFetcher();
  CdnFetcher(const CdnFetcher&) = delete;
  CdnFetcher& operator=(const CdnFetcher&) = delete;

  void Fetch(FetchRequest request);

  size_t waiting() const;

 private:
  class Loop;
  const std::shared_ptr<Loop> loop_;  // slots may outlive the fetcher
  std::thread thread_;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_IMAGE_CDN_FETCHER_H_
