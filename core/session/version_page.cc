#include "core/session/version_page.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/whatsapp/transport.h"

namespace portrait {
namespace {

constexpr absl::string_view kRevisionName = "client_revision";
// The separator between the name and its number: \":, with spaces.
constexpr size_t kMaxSeparatorBytes = 16;

struct CurlDeleter {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Curl = std::unique_ptr<CURL, CurlDeleter>;
using Headers = std::unique_ptr<curl_slist, CurlDeleter>;

// The state of a download that libcurl's callbacks use.
struct Download {
  const VersionPageOptions& options;
  const std::atomic<bool>& stopping;
  std::string page;
  bool too_large = false;
};

// If a callback returns a number other than `size`, libcurl aborts the
// transfer.
size_t OnBytes(char* bytes, size_t /*one*/, size_t size, void* data) {
  auto* const download = static_cast<Download*>(data);
  if (download->page.size() + size > download->options.max_bytes) {
    download->too_large = true;
    return 0;
  }
  download->page.append(bytes, size);
  return size;
}

int OnProgress(void* data, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Download*>(data)->stopping ? 1 : 0;
}

void SetProxy(CURL* curl, const whatsapp::Proxy& proxy) {
  // An empty string also disables the proxies of environment variables.
  std::string url = proxy.ToString();
  if (proxy.kind == whatsapp::Proxy::Kind::kSocks5) {
    // With socks5h, the proxy resolves names.
    url = absl::StrCat("socks5h://", proxy.address.ToString());
  }
  curl_easy_setopt(curl, CURLOPT_PROXY, url.c_str());
  if (proxy.user.empty()) return;
  curl_easy_setopt(curl, CURLOPT_PROXYUSERNAME, proxy.user.c_str());
  curl_easy_setopt(curl, CURLOPT_PROXYPASSWORD, proxy.password.c_str());
}

void SetOptions(CURL* curl, Download* download) {
  const VersionPageOptions& options = download->options;
  curl_easy_setopt(curl, CURLOPT_URL, options.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(
      curl, CURLOPT_TIMEOUT_MS,
      std::max<long>(1, absl::ToInt64Milliseconds(options.timeout)));
  if (!options.ca_file.empty()) {
    curl_easy_setopt(curl, CURLOPT_CAINFO, options.ca_file.c_str());
  }
  SetProxy(curl, options.proxy);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &OnBytes);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, download);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &OnProgress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, download);
}

absl::Status Get(Download* download) {
  static const CURLcode initialized = curl_global_init(CURL_GLOBAL_DEFAULT);
  const Curl curl(initialized == CURLE_OK ? curl_easy_init() : nullptr);
  if (curl == nullptr)
    return absl::UnavailableError("libcurl cannot be initialized");
  SetOptions(curl.get(), download);
  Headers headers(curl_slist_append(nullptr, "sec-fetch-site: none"));
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl.get(), CURLOPT_USERAGENT, whatsapp::kBrowserUserAgent);
  const CURLcode result = curl_easy_perform(curl.get());
  if (download->stopping) return absl::CancelledError("shutting down");
  const VersionPageOptions& options = download->options;
  if (download->too_large) {
    return absl::ResourceExhaustedError(
        absl::StrCat(options.url, ": more than ", options.max_bytes, " bytes"));
  }
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  if (result != CURLE_OK || status != 200) {
    return absl::UnavailableError(absl::StrCat(
        options.url, ": ",
        status == 0 || status == 200 ? std::string(curl_easy_strerror(result))
                                     : absl::StrCat("HTTP ", status)));
  }
  return absl::OkStatus();
}

// Reads the number at the start of `text`, after quotes, a colon and spaces.
bool ReadNumber(absl::string_view text, uint32_t* number) {
  const size_t start =
      std::min(text.find_first_not_of("\\\": \t\r\n"), text.size());
  if (start > kMaxSeparatorBytes) return false;
  text.remove_prefix(start);
  size_t digits = 0;
  while (digits < text.size() && absl::ascii_isdigit(text[digits])) ++digits;
  return absl::SimpleAtoi(text.substr(0, digits), number);
}

}  // namespace

absl::StatusOr<uint32_t> FetchClientRevision(
    const VersionPageOptions& options, const std::atomic<bool>& stopping) {
  Download download{options, stopping, "", false};
  RETURN_IF_ERROR(Get(&download));
  const absl::StatusOr<uint32_t> revision = ParseClientRevision(download.page);
  if (revision.ok()) return revision;
  return absl::InvalidArgumentError(
      absl::StrCat(options.url, ": ", revision.status().message()));
}

absl::StatusOr<uint32_t> ParseClientRevision(absl::string_view page) {
  for (size_t at = page.find(kRevisionName); at != absl::string_view::npos;
       at = page.find(kRevisionName, at + 1)) {
    uint32_t revision = 0;
    if (ReadNumber(page.substr(at + kRevisionName.size()), &revision)) {
      return revision;
    }
  }
  return absl::InvalidArgumentError("the page has no numeric client_revision");
}

}  // namespace portrait
