// CdnTransfer is one download of CdnFetcher, with libcurl.
#ifndef PORTRAIT_CORE_IMAGE_CDN_TRANSFER_H_
#define PORTRAIT_CORE_IMAGE_CDN_TRANSFER_H_

#include <curl/curl.h>

#include <cstddef>
#include <memory>
#include <string>

#include "core/image/cdn_fetcher.h"
#include "core/image/cdn_url.h"

namespace portrait {

struct FetchEasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};

// One transfer. Confined to the fetcher's thread.
struct CdnTransfer {
  FetchRequest request;
  CdnUrl url;
  std::shared_ptr<void> slot;
  std::unique_ptr<CURL, FetchEasyDeleter> easy;
  std::string image;
  size_t header_bytes = 0;
  // Set by a callback that ended the transfer.
  FetchOutcome ended_as = FetchOutcome::kNetwork;
  bool address_refused = false;
};

// Prepares `transfer->easy`; libcurl keeps the pointer until the transfer ends.
void SetFetchOptions(const CdnFetcherOptions& options, CdnTransfer* transfer);

// The outcome of a transfer that libcurl has ended with `code`.
FetchOutcome OutcomeOf(const CdnTransfer& transfer, CURLcode code);

}  // namespace portrait

#endif  // PORTRAIT_CORE_IMAGE_CDN_TRANSFER_H_
