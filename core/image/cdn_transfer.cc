#include "core/image/cdn_transfer.h"

#include <sys/socket.h>

#include <algorithm>

#include "absl/strings/match.h"
#include "core/image/image_facts.h"

namespace portrait {
namespace {

constexpr size_t kMaxHeaderBytes = 64 << 10;
constexpr size_t kSignatureBytes = 12;  // of the longest signature, WebP's

// A callback that returns another number than `size` ends the transfer.
size_t OnImageBytes(char* bytes, size_t /*one*/, size_t size, void* data) {
  auto* const transfer = static_cast<CdnTransfer*>(data);
  std::string& image = transfer->image;
  if (image.size() + size > kMaxImageBytes) {
    transfer->ended_as = FetchOutcome::kTooLarge;
    return 0;
  }
  const bool was_short = image.size() < kSignatureBytes;
  image.append(bytes, size);
  if (was_short && image.size() >= kSignatureBytes &&
      !DetectImageFormat(image).ok()) {
    long status = 0;
    curl_easy_getinfo(transfer->easy.get(), CURLINFO_RESPONSE_CODE, &status);
    // The body of an error is no image, and says nothing new.
    if (status == 200) transfer->ended_as = FetchOutcome::kNoImage;
    return 0;
  }
  return size;
}

size_t OnHeaderBytes(char* /*bytes*/, size_t /*one*/, size_t size, void* data) {
  auto* const transfer = static_cast<CdnTransfer*>(data);
  transfer->header_bytes += size;
  return transfer->header_bytes > kMaxHeaderBytes ? 0 : size;
}

// The address that a name resolved to: with a proxy, the proxy's, which an
// operator has chosen.
curl_socket_t OpenFetchSocket(void* data, curlsocktype /*purpose*/,
                              curl_sockaddr* address) {
  auto* const transfer = static_cast<CdnTransfer*>(data);
  const bool is_allowed =
      !transfer->request.proxy.empty() ||
      (transfer->url.is_extra ? IsLoopbackAddress(address->addr)
                              : IsPublicAddress(address->addr));
  if (!is_allowed) {
    transfer->address_refused = true;
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC,
                address->protocol);
}

void SetFetchProxy(CURL* easy, const Secret& proxy) {
  std::string url(proxy.view());
  // With socks5h, the proxy resolves names.
  if (absl::StartsWith(url, "socks5://")) url.insert(6, "h");
  // An empty string also disables the proxies of environment variables.
  curl_easy_setopt(easy, CURLOPT_PROXY, url.c_str());
  Wipe(url);
}

}  // namespace

void SetFetchOptions(const CdnFetcherOptions& options, CdnTransfer* transfer) {
  CURL* const easy = transfer->easy.get();
  const auto milliseconds = [](absl::Duration time) {
    return std::max<long>(1, absl::ToInt64Milliseconds(time));
  };
  curl_easy_setopt(easy, CURLOPT_URL, transfer->request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR,
                   transfer->url.is_extra ? "http,https" : "https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS);
  curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE,
                   static_cast<curl_off_t>(kMaxImageBytes));
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   milliseconds(options.connect_timeout));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, milliseconds(options.timeout));
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT,
                   static_cast<long>(options.min_bytes_per_second));
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME,
                   std::max<long>(1, absl::ToInt64Seconds(options.slow_time)));
  if (!options.ca_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, options.ca_file.c_str());
  }
  SetFetchProxy(easy, transfer->request.proxy);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &OnImageBytes);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &OnHeaderBytes);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &OpenFetchSocket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
}

FetchOutcome OutcomeOf(const CdnTransfer& transfer, CURLcode code) {
  long status = 0;
  curl_easy_getinfo(transfer.easy.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status == 403 || status == 404 || status == 410) {
    return FetchOutcome::kDead;
  }
  if (transfer.address_refused && status == 0) return FetchOutcome::kRefused;
  if (status != 0 && status != 200) return FetchOutcome::kStatus;
  switch (code) {
    case CURLE_OK:
      return DetectImageFormat(transfer.image).ok() ? FetchOutcome::kFetched
                                                    : FetchOutcome::kNoImage;
    case CURLE_FILESIZE_EXCEEDED:
      return FetchOutcome::kTooLarge;
    case CURLE_OPERATION_TIMEDOUT:
      return FetchOutcome::kTimeout;
    case CURLE_WRITE_ERROR:
      return transfer.ended_as;
    default:
      return FetchOutcome::kNetwork;
  }
}

}  // namespace portrait
