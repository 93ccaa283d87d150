// WhatsApp's page that tells which web client is current.
#ifndef PORTRAIT_CORE_SESSION_VERSION_PAGE_H_
#define PORTRAIT_CORE_SESSION_VERSION_PAGE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/whatsapp/proxy.h"

namespace portrait {

struct VersionPageOptions {
  std::string url;      // https:// or http://
  std::string ca_file;  // PEM; empty: the system's authorities
  whatsapp::Proxy proxy;
  absl::Duration timeout = absl::Seconds(20);  // of all of it
  size_t max_bytes = 4 * 1024 * 1024;          // after decompression
};

// Gets the page and reads the web client's revision in it. Blocks; gives up
// within a second of `stopping` becoming true.
//
// Errors: UNAVAILABLE when the page is not to be had, RESOURCE_EXHAUSTED when
// it is too large, INVALID_ARGUMENT when it tells no revision, CANCELLED.
absl::StatusOr<uint32_t> FetchClientRevision(const VersionPageOptions& options,
                                             const std::atomic<bool>& stopping);

// The number after "client_revision":, also where the quotes are escaped.
//
// Errors: INVALID_ARGUMENT when there is none.
absl::StatusOr<uint32_t> ParseClientRevision(absl::string_view page);

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_VERSION_PAGE_H_
