// Fetches the current web client version from WhatsApp's page.
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
  absl::Duration timeout = absl::Seconds(20);  // for the whole transfer
  size_t max_bytes = 4 * 1024 * 1024;          // after decompression
};

// Fetches the page and reads the web client's revision from it. Blocks; stops
// within a second after `stopping` becomes true.
//
// Errors: UNAVAILABLE if the page cannot be fetched, RESOURCE_EXHAUSTED if it
// is too large, INVALID_ARGUMENT if it has no revision, CANCELLED.
absl::StatusOr<uint32_t> FetchClientRevision(const VersionPageOptions& options,
                                             const std::atomic<bool>& stopping);

// Returns the number after "client_revision":, even if the quotes are escaped.
//
// Errors: INVALID_ARGUMENT if there is none.
absl::StatusOr<uint32_t> ParseClientRevision(absl::string_view page);

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_VERSION_PAGE_H_
